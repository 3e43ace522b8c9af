package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.schedule.FleetView;
import dev.skep.controlplane.schedule.Held;
import dev.skep.controlplane.schedule.Want;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Wanted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares what is wanted of one service with what was seen. Called again with its own result it
 * changes nothing, so a crash between two calls costs only time.
 */
public final class Reconciler {
  private Reconciler() {}

  /** What to write; takes the room that it uses out of {@code fleet}. */
  public static ServicePlan step(ServiceView view, FleetView fleet, Instant now) {
    List<PlacementChange> changes = new ArrayList<>();
    for (Placement placement : view.placements()) {
      if (placement.gone()) {
        changes.add(new PlacementChange.Forget(placement.id()));
      }
    }
    Decision decision =
        view.wanted() == Wanted.RUNNING ? run(view, fleet, changes) : stop(view, changes);
    boolean purge =
        view.wanted() == Wanted.DELETED && view.placements().stream().allMatch(Placement::gone);
    List<DeploymentStep> steps =
        view.active()
            .map(d -> DeploymentSteps.of(view, d, decision, !changes.isEmpty(), now))
            .orElse(List.of());
    return new ServicePlan(view, List.copyOf(changes), steps, purge);
  }

  private static Decision stop(ServiceView view, List<PlacementChange> changes) {
    for (Placement placement : view.placements()) {
      if (!placement.removing()) {
        changes.add(new PlacementChange.Remove(placement.id()));
      }
    }
    return new Decision(Map.of(), 0, "");
  }

  private static Decision run(ServiceView view, FleetView fleet, List<PlacementChange> changes) {
    Map<WorkerId, Integer> counts = new HashMap<>();
    for (Placement placement : view.placements()) {
      if (!placement.removing()) {
        counts.put(placement.worker(), placement.replicas());
      }
    }
    int missing = view.replicas() - sum(counts.values());
    if (missing < 0) {
      shrink(counts, -missing);
    }
    List<Held> outdated = outdated(view, counts);
    outdated.forEach(held -> counts.remove(held.worker()));
    int kept = outdated.stream().mapToInt(Held::kept).sum();
    Decision decision = new Decision(Map.of(), 0, "");
    if (missing > 0 || kept > 0) {
      Want want = want(view, Math.max(missing, 0) + kept, counts);
      decision = outdated.isEmpty() ? fleet.place(want) : fleet.replace(outdated, want);
      if (sum(decision.added().values()) < kept) {
        // What runs is worth more than what would not fit; it stays until there is room.
        return decision;
      }
      decision.added().forEach((worker, n) -> counts.merge(worker, n, Integer::sum));
    }
    addChanges(view, counts, changes);
    return decision;
  }

  /** Replicas of another release: what they take of their workers may change. */
  private static List<Held> outdated(ServiceView view, Map<WorkerId, Integer> counts) {
    return view.placements().stream()
        .filter(p -> !p.removing() && !p.release().equals(view.target().id()))
        .map(
            p ->
                new Held(
                    p.worker(),
                    p.claim().each(),
                    p.claim().hostPorts(),
                    p.replicas(),
                    counts.getOrDefault(p.worker(), 0)))
        .toList();
  }

  private static int sum(Collection<Integer> counts) {
    return counts.stream().mapToInt(Integer::intValue).sum();
  }

  private static Want want(ServiceView view, int missing, Map<WorkerId, Integer> present) {
    ServiceSpec spec = view.target().spec();
    return new Want(
        missing, spec.resources(), spec.hostPorts(), spec.workerLabels(), Map.copyOf(present));
  }

  /** Takes replicas away where most are, so that the rest stays spread. */
  private static void shrink(Map<WorkerId, Integer> counts, int excess) {
    Comparator<Map.Entry<WorkerId, Integer>> byCount = Map.Entry.comparingByValue();
    for (int i = 0; i < excess; i++) {
      WorkerId fullest =
          counts.entrySet().stream()
              .max(byCount.thenComparing(e -> e.getKey().toString()))
              .orElseThrow()
              .getKey();
      counts.merge(fullest, -1, Integer::sum);
    }
  }

  private static void addChanges(
      ServiceView view, Map<WorkerId, Integer> counts, List<PlacementChange> changes) {
    Map<WorkerId, Integer> left = new HashMap<>(counts);
    for (Placement placement : view.placements()) {
      if (placement.gone()) {
        continue;
      }
      int replicas = left.getOrDefault(placement.worker(), 0);
      left.remove(placement.worker());
      if (replicas == 0 && !placement.removing()) {
        changes.add(new PlacementChange.Remove(placement.id()));
      } else if (replicas > 0 && differs(view, placement, replicas)) {
        changes.add(
            new PlacementChange.Update(
                placement.id(), view.target().id(), replicas, view.restartGeneration()));
      }
    }
    left.forEach(
        (worker, replicas) -> {
          if (replicas > 0) {
            changes.add(
                new PlacementChange.Create(
                    worker, view.target().id(), replicas, view.restartGeneration()));
          }
        });
  }

  private static boolean differs(ServiceView view, Placement placement, int replicas) {
    return placement.removing()
        || placement.replicas() != replicas
        || !placement.release().equals(view.target().id())
        || placement.restartGeneration() != view.restartGeneration();
  }
}
