package dev.skep.controlplane.reconcile;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingInt;
import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.schedule.Want;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Wanted;
import java.util.Map;
import java.util.Set;

/**
 * Where the replicas of a service will be when everything has been done, if nothing else changes:
 * the reconciler's own layout, with every placement taking the target release at once.
 *
 * @param fates what becomes of replicas on the workers of its cluster
 * @param before replicas per worker that are wanted now
 * @param after replicas per worker that will be
 * @param replaced workers whose replicas are of another release or have to be restarted
 * @param decision missing says how many replicas have no place, and why
 * @param waitingFor what keeps replicas from moving or coming; empty when nothing does
 * @param room how many more replicas would find a place, and why no more than that
 */
public record Forecast(
    ServiceView view,
    Map<WorkerId, Fate> fates,
    Map<WorkerId, Integer> before,
    Map<WorkerId, Integer> after,
    Set<WorkerId> replaced,
    Decision decision,
    String waitingFor,
    Decision room) {

  /**
   * Takes the room that the service uses, now and with the change, out of the situation's fleet.
   */
  public static Forecast of(ServiceView view, Situation situation) {
    return of(view, situation, 0);
  }

  /**
   * Also how many more replicas would find a place.
   *
   * @param more how many to count at most
   */
  public static Forecast of(ServiceView view, Situation situation, int more) {
    Map<WorkerId, Integer> before =
        view.placements().stream()
            .filter(p -> !p.removing())
            .collect(groupingBy(Placement::worker, summingInt(Placement::replicas)));
    if (view.wanted() != Wanted.RUNNING) {
      return new Forecast(
          view,
          situation.fates(),
          before,
          Map.of(),
          Set.of(),
          Decision.NOTHING,
          "",
          Decision.NOTHING);
    }
    Layout layout = new Layout(view, situation, Layout.Pace.AT_ONCE);
    Layout.Result result = layout.result();
    Want want = layout.want(more);
    Set<WorkerId> replaced =
        view.placements().stream()
            .filter(p -> !p.removing() && view.outdated(p))
            .map(Placement::worker)
            .filter(w -> result.counts().getOrDefault(w, 0) > 0)
            .collect(toUnmodifiableSet());
    return new Forecast(
        view,
        situation.fates(),
        before,
        result.counts(),
        replaced,
        result.decision(),
        result.waitingFor(),
        more == 0 ? Decision.NOTHING : situation.fleet().place(want));
  }

  /** Replicas that leave workers. */
  public int leaving() {
    return before.entrySet().stream()
        .mapToInt(e -> Math.max(0, e.getValue() - after.getOrDefault(e.getKey(), 0)))
        .sum();
  }

  /** Replicas that come to workers. */
  public int coming() {
    return after.entrySet().stream()
        .mapToInt(e -> Math.max(0, e.getValue() - before.getOrDefault(e.getKey(), 0)))
        .sum();
  }
}
