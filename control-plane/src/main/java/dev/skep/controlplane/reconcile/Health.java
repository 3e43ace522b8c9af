package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Task;
import java.time.Duration;
import java.time.Instant;

/** When a replica counts. */
final class Health {
  /** Without a health check, a replica counts when it stayed up for so long. */
  static final Duration MONITOR = Duration.ofMillis(1500);

  private final Duration monitor;
  private final Instant now;

  Health(ServiceView view, Instant now) {
    Duration asked = view.goal().policy().rollout().monitor();
    boolean checked = view.target().spec().effectiveHealthCheck().isPresent();
    this.monitor = asked != null ? asked : checked ? Duration.ZERO : MONITOR;
    this.now = now;
  }

  /** A worker's clock that is ahead of ours must not hold up a deployment. */
  boolean good(Task task) {
    return task.running()
        && (task.since().isAfter(now) || !task.since().plus(monitor).isAfter(now));
  }

  /** Replicas of any generation that serve. */
  int serving(Placement placement) {
    int good = (int) placement.observed().tasks().stream().filter(this::good).count();
    return Math.min(good, placement.replicas());
  }

  /** Replicas of the newest generation that serve. */
  int current(Placement placement) {
    return (int)
        placement.observed().tasks().stream()
            .filter(t -> t.generation() == placement.generation() && good(t))
            .count();
  }

  /** Every replica is of the newest generation and serves, and no older one is left. */
  boolean whole(Placement placement) {
    return current(placement) >= placement.replicas()
        && placement.running() == placement.current()
        && current(placement) == placement.current();
  }
}
