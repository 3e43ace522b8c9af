package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/**
 * A machine with an agent.
 *
 * @param swarmNodeId empty until it is part of the Swarm
 * @param swarmNodeState the managers' word: ready, down, …; empty until they know it
 * @param connected whether a session is open
 * @param reserved what the replicas placed here reserve together
 */
public record Worker(
    WorkerId id,
    ClusterId cluster,
    String name,
    Set<WorkerRole> roles,
    Map<String, String> labels,
    WorkerFacts facts,
    String swarmNodeId,
    String swarmNodeState,
    String swarmError,
    boolean connected,
    Instant lastHeartbeat,
    Resources reserved,
    int replicas,
    Instant createdAt) {

  public WorkerState state(Instant now, Duration heartbeatTimeout) {
    if (swarmNodeId.isEmpty()) {
      return WorkerState.PENDING;
    }
    if (lastHeartbeat.plus(heartbeatTimeout).isBefore(now)) {
      return WorkerState.UNHEALTHY;
    }
    if (!connected) {
      return WorkerState.UNKNOWN;
    }
    return swarmNodeState.equals("ready") ? WorkerState.ONLINE : WorkerState.PENDING;
  }

  /** Why it is not online, for the user; empty when it is. */
  public String reason(Instant now, Duration heartbeatTimeout) {
    return switch (state(now, heartbeatTimeout)) {
      case ONLINE -> "";
      case UNKNOWN -> "its agent is not connected; what runs there is assumed to run on";
      case UNHEALTHY ->
          "no heartbeat for " + Duration.between(lastHeartbeat, now).toSeconds() + " s";
      case PENDING -> pendingReason();
    };
  }

  private String pendingReason() {
    if (!swarmError.isEmpty()) {
      return "cannot become part of the Swarm: " + swarmError;
    }
    return swarmNodeId.isEmpty()
        ? "is becoming part of the Swarm"
        : "the Swarm says that it is " + (swarmNodeState.isEmpty() ? "new" : swarmNodeState);
  }
}
