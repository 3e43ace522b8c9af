package dev.skep.agent.engine;

import com.google.gson.JsonObject;
import com.google.gson.annotations.SerializedName;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engine's messages, with the fields that we read or send and no others. */
final class Wire {
  private Wire() {}

  record Version(
      @SerializedName("ApiVersion") String apiVersion,
      @SerializedName("MinAPIVersion") String minAPIVersion) {}

  record ErrorBody(@SerializedName("message") @Nullable String message) {}

  record Id(@SerializedName(value = "ID", alternate = "Id") String id) {}

  record SystemInfo(String serverVersion, Swarm swarm) {}

  record Swarm(
      @SerializedName("NodeID") @Nullable String nodeId,
      @Nullable String nodeAddr,
      @Nullable String localNodeState,
      boolean controlAvailable,
      @Nullable String error,
      @Nullable List<Peer> remoteManagers,
      @Nullable Id cluster) {}

  record Peer(@SerializedName("NodeID") String nodeId, String addr) {}

  record SwarmInit(
      String listenAddr, String advertiseAddr, boolean forceNewCluster, SwarmSpec spec) {}

  record SwarmSpec(@SerializedName("CAConfig") CaConfig caConfig) {}

  record CaConfig(long nodeCertExpiry) {}

  record SwarmJoin(
      String listenAddr, String advertiseAddr, List<String> remoteAddrs, String joinToken) {}

  record SwarmInspect(Tokens joinTokens, Index version, JsonObject spec) {}

  /** What we read of a Swarm's spec. */
  record SwarmParts(@Nullable Map<String, String> labels) {}

  record Tokens(String worker) {}

  record Node(
      @SerializedName("ID") String id,
      JsonObject spec,
      NodeStatus status,
      @Nullable ManagerStatus managerStatus) {}

  record NodeInspect(Index version, JsonObject spec) {}

  /** What we read of a node's spec. */
  record NodeParts(String availability, String role) {}

  record ManagerStatus(boolean leader, String reachability, String addr) {}

  record NodeStatus(String state) {}

  record Index(long index) {}

  record Service(@SerializedName("ID") String id, Index version, JsonObject spec) {}

  /** The part of a service's spec that decisions read; the rest counts by its fingerprint. */
  record ServiceParts(
      String name, @Nullable Map<String, String> labels, @Nullable TaskSpec taskTemplate) {}

  record TaskSpec(@Nullable ContainerSpec containerSpec) {}

  record ContainerSpec(@Nullable Map<String, String> labels) {}

  record Task(
      @SerializedName("ID") String id,
      @SerializedName("ServiceID") @Nullable String serviceId,
      int slot,
      TaskSpec spec,
      TaskStatus status,
      String desiredState) {}

  record TaskStatus(
      String timestamp,
      String state,
      @Nullable String err,
      @Nullable ContainerStatus containerStatus) {}

  record ContainerStatus(
      @SerializedName("ContainerID") @Nullable String containerId, int exitCode) {}

  record Network(
      @SerializedName("Id") String id,
      String name,
      @SerializedName("IPAM") @Nullable Ipam ipam,
      @Nullable Map<String, String> labels) {}

  record Ipam(String driver, @Nullable List<Pool> config) {}

  record Pool(String subnet) {}

  record NetworkCreate(
      String name,
      boolean checkDuplicate,
      String driver,
      boolean attachable,
      @SerializedName("IPAM") Ipam ipam,
      Map<String, String> labels) {}

  record Secret(@SerializedName("ID") String id, SecretSpec spec) {}

  record SecretSpec(String name, @Nullable Map<String, String> labels) {}

  /** {@code data} is base64. */
  record SecretCreate(String name, Map<String, String> labels, String data) {
    @Override
    public String toString() {
      return "SecretCreate[" + name + "]";
    }
  }

  record Image(@Nullable List<String> repoDigests) {}

  record VolumeList(@Nullable List<Volume> volumes) {}

  record Volume(String name) {}

  /** A line of the answer to a pull, which begins as a success whatever becomes of it. */
  record Progress(@SerializedName("error") @Nullable String error) {}

  record ContainerSummary(
      @SerializedName("Id") String id, @Nullable Map<String, String> labels, String state) {}

  record ContainerInspect(@Nullable String logPath, ContainerState state) {}

  record ContainerState(long pid) {}

  record Event(
      @SerializedName("Type") @Nullable String type,
      @SerializedName("Action") @Nullable String action,
      @SerializedName("Actor") @Nullable Actor actor) {}

  record Actor(@Nullable Map<String, String> attributes) {}
}
