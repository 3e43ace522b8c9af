package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Placement;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replicas of the release before whose successors have places elsewhere, because the new ones do
 * not fit where the old ones are. They serve until as many successors do.
 *
 * <p>Which ones they are is not kept anywhere: with the successors there are more replicas than
 * wanted, and so many of the older ones retire, those that do not serve first.
 */
final class Retirement {
  /**
   * Replicas per worker that retire, and of those the ones that still serve for their successors.
   */
  private final Map<WorkerId, Integer> retiring = new HashMap<>();

  private final Map<WorkerId, Integer> serving = new HashMap<>();
  private final Set<Placement> all = new HashSet<>();

  Retirement(ServiceView view, Health health, List<Placement> staying) {
    List<Placement> successors = staying.stream().filter(p -> !view.outdated(p)).toList();
    int replicas = staying.stream().mapToInt(Placement::replicas).sum();
    int succeeded = successors.stream().mapToInt(Placement::replicas).sum();
    int excess = Math.clamp(replicas - view.replicas(), 0, succeeded);
    int proven = successors.stream().mapToInt(health::current).sum();
    // Of the successors, some only took the place of one that was on the same worker.
    int replaced = succeeded - excess;
    int mayGo = Math.clamp(proven - replaced, 0, excess);
    for (Placement placement : oldest(view, health, staying)) {
      int count = Math.min(excess, placement.replicas());
      if (count > 0) {
        int idle = Math.clamp(placement.replicas() - health.serving(placement), 0, count);
        int going = Math.min(count, Math.max(idle, mayGo));
        retiring.put(placement.worker(), count);
        serving.put(placement.worker(), count - going);
        all.add(placement);
        excess -= count;
        mayGo = Math.max(0, mayGo - going);
      }
    }
  }

  private static List<Placement> oldest(ServiceView view, Health health, List<Placement> staying) {
    return staying.stream()
        .filter(view::outdated)
        .sorted(
            Comparator.comparing((Placement p) -> health.serving(p) > 0)
                .thenComparing(p -> p.id().toString()))
        .toList();
  }

  /** Of the replicas on a worker, those that have a successor elsewhere. */
  int retiring(WorkerId worker) {
    return retiring.getOrDefault(worker, 0);
  }

  /** Of those, the ones that serve on until their successors do. */
  int serving(WorkerId worker) {
    return serving.getOrDefault(worker, 0);
  }

  /** Its turn in the rollout comes when nothing of it retires any more. */
  boolean contains(Placement placement) {
    return all.contains(placement);
  }
}
