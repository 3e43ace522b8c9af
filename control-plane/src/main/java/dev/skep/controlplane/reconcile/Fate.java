package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.fleet.Brake;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerState;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * What becomes of the replicas on a worker.
 *
 * @param name of the worker
 * @param since when its session opened or ended
 * @param why they do not stay, for the user; empty when they do
 */
public record Fate(Kind kind, String name, Instant since, String why) {
  /** Whether replicas stay. */
  public enum Kind {
    /** Also when the worker cannot be seen: what runs there is assumed to run on. */
    STAYS,
    /** The worker is drained: they go when others have taken their place. */
    LEAVES,
    /** The worker is lost: what ran there does not. */
    LOST,
    /** Lost, but so much else cannot be seen that we are more likely blind. */
    BRAKED,
    /** A drain has come to its deadline: they go at once. */
    EXPELLED,
    /** An operator gave it up while it was lost: so do they, and it may run on, cut off. */
    REMOVED
  }

  /** Fates on the workers of one cluster. */
  public static Map<WorkerId, Fate> of(
      Collection<Worker> workers, Instant now, Duration heartbeatTimeout) {
    boolean blind = Brake.on(workers, now, heartbeatTimeout);
    Map<WorkerId, Fate> fates = new HashMap<>();
    for (Worker worker : workers) {
      Kind kind = kind(worker, worker.state(now, heartbeatTimeout), blind, now);
      fates.put(
          worker.id(),
          new Fate(
              kind,
              worker.name(),
              worker.link().since(),
              why(worker, kind, now, heartbeatTimeout)));
    }
    return fates;
  }

  private static Kind kind(Worker worker, WorkerState state, boolean blind, Instant now) {
    if (state == WorkerState.LOST) {
      return blind ? Kind.BRAKED : Kind.LOST;
    }
    return switch (worker.upkeep().availability()) {
      case ACTIVE, CORDONED -> Kind.STAYS;
      case DRAINING -> worker.upkeep().expired(now) ? Kind.EXPELLED : Kind.LEAVES;
      case REMOVED -> Kind.REMOVED;
    };
  }

  private static String why(Worker worker, Kind kind, Instant now, Duration heartbeatTimeout) {
    return switch (kind) {
      case STAYS -> "";
      case LEAVES -> "it is being drained";
      case EXPELLED -> "its drain has come to its deadline";
      case REMOVED -> "it was removed for good";
      case LOST -> worker.reason(now, heartbeatTimeout);
      case BRAKED ->
          worker.reason(now, heartbeatTimeout)
              + ", but most of the cluster cannot be seen, so nothing is moved";
    };
  }
}
