package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Placement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Which placements take the target release now: so many replicas at a time, then the next. */
final class Rollout {
  private Rollout() {}

  /**
   * Those that come next.
   *
   * @param counts replicas that they will have
   */
  static List<Placement> next(
      ServiceView view,
      Situation situation,
      List<Placement> staying,
      Map<WorkerId, Integer> counts) {
    Health health = new Health(view, situation.now());
    int parallel = view.goal().policy().rollout().parallel(view.replicas());
    int busy = 0;
    List<Placement> waiting = new ArrayList<>();
    for (Placement placement : staying) {
      if (!view.outdated(placement)) {
        int unproven = count(placement, counts) - health.current(placement);
        busy += Math.clamp(unproven, 0, parallel);
      } else if (situation.images().ready(placement.worker(), view.target().image())) {
        waiting.add(placement);
      }
    }
    // Where nothing serves there is nothing to protect.
    waiting.sort(
        Comparator.comparing((Placement p) -> health.serving(p) > 0)
            .thenComparing(p -> p.id().toString()));
    List<Placement> next = new ArrayList<>();
    for (Placement placement : waiting) {
      int weight =
          health.serving(placement) == 0 ? 0 : Math.min(parallel, count(placement, counts));
      if (weight > 0 && busy > 0 && busy + weight > parallel) {
        break;
      }
      next.add(placement);
      busy += weight;
    }
    return next;
  }

  private static int count(Placement placement, Map<WorkerId, Integer> counts) {
    return counts.getOrDefault(placement.worker(), 0);
  }
}
