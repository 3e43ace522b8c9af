package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what is wanted of one service with what was seen. Called again with its own result it
 * changes nothing, so a crash between two calls costs only time.
 */
public final class Reconciler {
  private Reconciler() {}

  /** What to write; takes the room that it uses out of the situation's fleet. */
  public static ServicePlan step(ServiceView view, Situation situation) {
    Layout.Result layout =
        view.wanted() == Wanted.RUNNING
            ? new Layout(view, situation, Layout.Pace.IN_TURNS).result()
            : takenDown(view);
    List<PlacementChange> changes = new ArrayList<>();
    for (Placement placement : view.placements()) {
      if (placement.gone()) {
        changes.add(new PlacementChange.Forget(placement.id()));
      }
    }
    changes.addAll(layout.changes());
    DeploymentSteps.Result deployment =
        view.active()
            .map(d -> new DeploymentSteps(view, d, layout, !changes.isEmpty(), situation).result())
            .orElse(DeploymentSteps.Result.NONE);
    List<ServiceChange> service = new ArrayList<>(deployment.service());
    if (!layout.waitingFor().equals(view.waitingFor())) {
      service.add(new ServiceChange.WaitFor(layout.waitingFor()));
    }
    if (view.wanted() == Wanted.DELETED && view.placements().stream().allMatch(Placement::gone)) {
      service = List.of(new ServiceChange.Purge());
    }
    return new ServicePlan(
        view, changes, deployment.steps(), layout.events(), service, wishes(layout, situation));
  }

  private static Layout.Result takenDown(ServiceView view) {
    List<PlacementChange> changes =
        view.placements().stream()
            .filter(p -> !p.removing())
            .<PlacementChange>map(p -> new PlacementChange.Remove(p.id()))
            .toList();
    return new Layout.Result(changes, Map.of(), Decision.NOTHING, List.of(), "", Set.of());
  }

  /** Of the images that are missing, those that nobody has asked for. */
  private static Set<ImageWish> wishes(Layout.Result layout, Situation situation) {
    return layout.unready().stream()
        .filter(w -> situation.images().get(w.worker(), w.image()).isEmpty())
        .collect(java.util.stream.Collectors.toUnmodifiableSet());
  }
}
