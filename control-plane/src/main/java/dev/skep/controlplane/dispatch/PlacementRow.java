package dev.skep.controlplane.dispatch;

import com.google.protobuf.Duration;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.CommandProbe;
import dev.skep.agent.v1.HttpProbe;
import dev.skep.agent.v1.Mount;
import dev.skep.agent.v1.Placement;
import dev.skep.agent.v1.Probe;
import dev.skep.agent.v1.PublishedPort;
import dev.skep.agent.v1.TcpProbe;
import dev.skep.agent.v1.Workload;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.workload.HealthCheck;
import dev.skep.controlplane.workload.ImageReference;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.VolumeMount;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A placement with all that its assignment says.
 *
 * @param volumes ids of those that are on its worker, by name
 */
record PlacementRow(
    UUID id,
    UUID organization,
    UUID service,
    String serviceName,
    UUID release,
    UUID network,
    String swarmNode,
    int replicas,
    long generation,
    long restartGeneration,
    boolean removing,
    boolean stopFirst,
    String imageDigest,
    ServiceSpec spec,
    ServicePolicy policy,
    Map<String, String> volumes) {
  private static final Duration STOP_GRACE = Duration.newBuilder().setSeconds(10).build();

  static PlacementRow of(ResultSet row) throws SQLException {
    return new PlacementRow(
        Rows.uuid(row, "id"),
        Rows.uuid(row, "organization_id"),
        Rows.uuid(row, "service_id"),
        row.getString("service_name"),
        Rows.uuid(row, "release_id"),
        Rows.uuid(row, "network_id"),
        row.getString("pinned_node"),
        row.getInt("replicas"),
        row.getLong("generation"),
        row.getLong("restart_generation"),
        row.getBoolean("removing"),
        row.getBoolean("stop_first"),
        row.getString("image_digest"),
        Json.read(row.getString("spec"), ServiceSpec.class),
        Json.read(row.getString("policy"), ServicePolicy.class),
        Json.readMap(row.getString("volumes")));
  }

  String assignmentId() {
    return "placement/" + id;
  }

  Assignment render(String endpointMode, RenderedSecrets secrets) {
    return Assignment.newBuilder()
        .setId(assignmentId())
        .setGeneration(generation)
        .setPlacement(
            Placement.newBuilder()
                .setPlacementId(id.toString())
                .setOrganizationId(organization.toString())
                .setServiceId(service.toString())
                .setServiceName(serviceName)
                .setReleaseId(release.toString())
                .setObjectName(ObjectNames.placement(serviceName, id))
                .setNodeId(swarmNode)
                .setReplicas(replicas)
                .setNetworkObjectName(ObjectNames.network(network))
                .setEndpointMode(endpointMode)
                .setRestartGeneration(restartGeneration)
                // Two tasks cannot hold the same host port at the same time, nor write one volume.
                .setStopFirst(stopFirst || !spec.hostPorts().isEmpty() || !spec.volumes().isEmpty())
                .setMaxParallel(policy.rollout().maxParallel())
                .setWorkload(workload(secrets)))
        .build();
  }

  private Workload workload(RenderedSecrets secrets) {
    Workload.Builder workload =
        Workload.newBuilder()
            .setImage(ImageReference.parse(spec.image()).orElseThrow().pinned(imageDigest))
            .addAllCommand(spec.command())
            .addAllArgs(spec.args())
            .putAllEnv(spec.env())
            .setCpuMillis(spec.resources().cpuMillis())
            .setMemoryBytes(spec.resources().memoryBytes())
            .setStopGracePeriod(STOP_GRACE);
    spec.ports().stream()
        .filter(port -> port.onHost())
        .forEach(
            port ->
                workload.addPorts(
                    PublishedPort.newBuilder()
                        .setContainerPort(port.containerPort())
                        .setHostPort(port.hostPort())
                        .setProtocol(port.udp() ? "udp" : "tcp")));
    spec.effectiveHealthCheck().ifPresent(check -> workload.setProbe(probe(check)));
    spec.volumes().forEach(volume -> workload.addMounts(mount(volume)));
    secrets.addTo(workload, release);
    return workload.build();
  }

  /** Without a row here the source stays empty, which every agent refuses. */
  private Mount mount(VolumeMount volume) {
    Mount.Builder mount = Mount.newBuilder().setType("volume").setTarget(volume.path());
    String id = volumes.get(volume.name());
    if (id != null) {
      mount.setVolumeId(id).setSource(ObjectNames.volume(UUID.fromString(id)));
    }
    return mount.build();
  }

  private static Probe probe(HealthCheck check) {
    Probe.Builder probe =
        Probe.newBuilder()
            .setInterval(duration(check.interval()))
            .setTimeout(duration(check.timeout()))
            .setRetries(check.retries())
            .setStartPeriod(duration(check.startPeriod()));
    switch (check.kind()) {
      case HealthCheck.Http(String path, int port) ->
          probe.setHttp(HttpProbe.newBuilder().setPath(path).setPort(port));
      case HealthCheck.Tcp(int port) -> probe.setTcp(TcpProbe.newBuilder().setPort(port));
      case HealthCheck.Command(List<String> argv) ->
          probe.setCommand(CommandProbe.newBuilder().addAllArgv(argv));
    }
    return probe.build();
  }

  private static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
