package dev.skep.agent.task;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the engine has. */
public sealed interface Observed {

  /** A Swarm service that carries our label. */
  record Service(
      String id,
      long version,
      String name,
      Map<String, String> labels,
      Map<String, String> containerLabels,
      Fingerprint actual)
      implements Observed {

    public String placementId() {
      return labels.getOrDefault(Labels.PLACEMENT, "");
    }

    public long generation() {
      return Labels.generation(labels.get(Labels.GENERATION));
    }

    public long containerGeneration() {
      return Labels.generation(containerLabels.get(Labels.GENERATION));
    }
  }

  /** An overlay network that carries our label. */
  record Network(String id, String name, String subnet, Map<String, String> labels)
      implements Observed {

    public String networkId() {
      return labels.getOrDefault(Labels.NETWORK, "");
    }

    public long generation() {
      return Labels.generation(labels.get(Labels.GENERATION));
    }
  }

  /** A Swarm secret that carries our label; what is in it nobody can read. */
  record Secret(String id, String name, Map<String, String> labels) implements Observed {
    public String organizationId() {
      return labels.getOrDefault(Labels.ORGANIZATION, "");
    }
  }

  /** One replica. */
  record Task(
      String id,
      String serviceId,
      String placementId,
      long containerGeneration,
      int slot,
      String containerId,
      String state,
      boolean desiredRunning,
      String message,
      Instant since)
      implements Observed {}

  /** This engine's place in a Swarm. */
  record Swarm(
      String localState,
      String nodeId,
      String clusterId,
      boolean manager,
      String nodeAddress,
      List<String> managerAddresses,
      @Nullable String error)
      implements Observed {

    public boolean active() {
      return localState.equals("active");
    }
  }

  /**
   * A node of the Swarm.
   *
   * @param managerRole whether it shall be a manager, as the Swarm was told
   * @param manager whether it is one
   * @param reachable whether the other managers reach it; true for one that is no manager
   * @param address host:port for those who join; empty when it is no manager
   */
  record Node(
      String id,
      String state,
      String availability,
      boolean managerRole,
      boolean manager,
      boolean reachable,
      boolean leader,
      String address)
      implements Observed {}

  /**
   * A container on this machine.
   *
   * @param pid of its first process; 0 when it does not run
   */
  record Container(String id, String logPath, String serviceId, String placementId, long pid)
      implements Observed {

    public boolean running() {
      return pid != 0;
    }
  }
}
