package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Workers in every state. */
final class Workers {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Instant LONG_AGO = NOW.minusSeconds(600);

  private Workers() {}

  static Worker online() {
    return worker("node", "ready", new Link(true, LONG_AGO, NOW));
  }

  static Worker pending() {
    return worker("", "", new Link(true, LONG_AGO, NOW));
  }

  static Worker unknown() {
    return worker("node", "ready", new Link(false, NOW, NOW));
  }

  static Worker unhealthy() {
    return worker("node", "ready", new Link(true, LONG_AGO, NOW.minusSeconds(121)));
  }

  static Worker lost() {
    return worker("node", "down", new Link(false, NOW.minusSeconds(20), NOW.minusSeconds(20)));
  }

  /** Its node has to be forgotten. */
  static Worker givenUp() {
    return worker("", "down", new Link(false, NOW.minusSeconds(20), NOW.minusSeconds(20)));
  }

  static Worker drained() {
    return with(online(), new Upkeep(Upkeep.Availability.DRAINING, null, false), Map.of());
  }

  static Worker pressed(Pressure kind) {
    return with(online(), Upkeep.NONE, Map.of(kind, LONG_AGO));
  }

  private static Worker with(Worker w, Upkeep upkeep, Map<Pressure, Instant> pressed) {
    return new Worker(
        w.id(),
        w.cluster(),
        w.name(),
        w.roles(),
        w.labels(),
        w.taints(),
        w.facts(),
        w.swarm(),
        w.link(),
        upkeep,
        pressed,
        w.reserved(),
        w.replicas(),
        w.createdAt());
  }

  private static Worker worker(String nodeId, String nodeState, Link link) {
    Resources capacity = new Resources(4_000, 8L << 30);
    return new Worker(
        new WorkerId(new UUID(0, 1)),
        new ClusterId(new UUID(0, 2)),
        "w",
        Set.of(WorkerRole.RUN),
        Map.of(),
        Set.of(),
        new WorkerFacts("w", "", "", "", "amd64", capacity, 0, 0, "", "", "", true),
        new SwarmNode(nodeId, nodeState, "", false, true, LONG_AGO),
        link,
        Upkeep.NONE,
        Map.of(),
        new Resources(0, 0),
        0,
        LONG_AGO);
  }
}
