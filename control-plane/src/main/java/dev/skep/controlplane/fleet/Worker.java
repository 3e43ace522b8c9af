package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * A machine with an agent.
 *
 * @param taints words that keep services away that do not tolerate them
 * @param pressedSince since when it uses more than the threshold of something, without a break
 * @param reserved what the replicas placed here reserve together
 */
public record Worker(
    WorkerId id,
    ClusterId cluster,
    String name,
    Set<WorkerRole> roles,
    Map<String, String> labels,
    Set<String> taints,
    WorkerFacts facts,
    SwarmNode swarm,
    Link link,
    Upkeep upkeep,
    Map<Pressure, Instant> pressedSince,
    Resources reserved,
    int replicas,
    Instant createdAt) {
  /** Label that names the failure domain: replicas spread over its values first. */
  public static final String ZONE = "zone";

  /** A short peak is no exhaustion. */
  static final Duration PRESSURE_AFTER = Duration.ofMinutes(1);

  public WorkerState state(Instant now, Duration heartbeatTimeout) {
    if (upkeep.availability() == Upkeep.Availability.REMOVED) {
      return WorkerState.REMOVED;
    }
    // Also one whose node was given up when its Swarm was recovered.
    if (!link.connected() && swarm.down()) {
      return WorkerState.LOST;
    }
    if (swarm.id().isEmpty()) {
      return WorkerState.PENDING;
    }
    if (link.lastHeartbeat().plus(heartbeatTimeout).isBefore(now)) {
      return WorkerState.UNHEALTHY;
    }
    if (!link.connected()) {
      return WorkerState.UNKNOWN;
    }
    if (!swarm.ready()) {
      return swarm.down() ? WorkerState.UNHEALTHY : WorkerState.PENDING;
    }
    if (upkeep.availability() == Upkeep.Availability.DRAINING) {
      return replicas == 0 ? WorkerState.DRAINED : WorkerState.DRAINING;
    }
    return WorkerState.ONLINE;
  }

  /** The same worker as if it had died just now, and both witnesses had said so. */
  public Worker lost(Instant now) {
    SwarmNode down =
        new SwarmNode(swarm.id(), "down", swarm.error(), swarm.manager(), swarm.reachable(), now);
    Link ended = new Link(false, now, link.lastHeartbeat());
    return new Worker(
        id,
        cluster,
        name,
        roles,
        labels,
        taints,
        facts,
        down,
        ended,
        upkeep,
        pressedSince,
        reserved,
        replicas,
        createdAt);
  }

  /** Whether new replicas may come here. */
  public boolean open(Instant now, Duration heartbeatTimeout) {
    return state(now, heartbeatTimeout) == WorkerState.ONLINE
        && upkeep.availability() == Upkeep.Availability.ACTIVE
        && pressure(now).isEmpty();
  }

  /** What it has run out of. */
  public Set<Pressure> pressure(Instant now) {
    Set<Pressure> pressure = EnumSet.noneOf(Pressure.class);
    pressedSince.forEach(
        (kind, since) -> {
          if (!since.plus(PRESSURE_AFTER).isAfter(now)) {
            pressure.add(kind);
          }
        });
    return pressure;
  }

  public String zone() {
    return labels.getOrDefault(ZONE, "");
  }

  /** Why it is not as it should be, for the user; empty when it is. */
  public String reason(Instant now, Duration heartbeatTimeout) {
    return switch (state(now, heartbeatTimeout)) {
      case ONLINE -> onlineReason(now);
      case UNKNOWN -> "its agent is not connected; what runs there is assumed to run on";
      case UNHEALTHY -> unhealthyReason(now);
      case LOST ->
          "its agent is gone for "
              + Duration.between(link.since(), now).toSeconds()
              + " s and the Swarm says that it is down";
      case PENDING -> pendingReason();
      case DRAINING -> replicas + (replicas == 1 ? " replica is" : " replicas are") + " left";
      case DRAINED -> "nothing runs here any more";
      case REMOVED -> "is removed; the Swarm still lets go of its replicas";
    };
  }

  private String onlineReason(Instant now) {
    Set<Pressure> pressure = pressure(now);
    if (!pressure.isEmpty()) {
      return "has run out of "
          + String.join(", ", pressure.stream().map(Pressure::word).toList())
          + "; takes no new replicas";
    }
    return upkeep.availability() == Upkeep.Availability.CORDONED
        ? "is cordoned; takes no new replicas"
        : "";
  }

  private String unhealthyReason(Instant now) {
    return link.connected() && swarm.down()
        ? "its agent is connected, but the Swarm says that its engine is down"
        : "no heartbeat for " + Duration.between(link.lastHeartbeat(), now).toSeconds() + " s";
  }

  private String pendingReason() {
    if (!swarm.error().isEmpty()) {
      return "cannot become part of the Swarm: " + swarm.error();
    }
    return swarm.id().isEmpty()
        ? "is becoming part of the Swarm"
        : "the Swarm says that it is " + (swarm.state().isEmpty() ? "new" : swarm.state());
  }
}
