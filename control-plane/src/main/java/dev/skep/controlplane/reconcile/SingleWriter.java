package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds back what could give a volume a second writer. A placement is taken to 0 replicas first,
 * and nothing starts before the Swarm has no task of the service that may still run.
 *
 * <p>The Swarm starts a task anew on a worker that it called down without waiting for the one that
 * was there. So on a lost worker it is told that no replica is wanted, until the worker is back.
 */
final class SingleWriter {
  private final ServiceView view;
  private final Situation situation;
  private final Attachment attachment;

  private SingleWriter(ServiceView view, Situation situation) {
    this.view = view;
    this.situation = situation;
    this.attachment = Attachment.of(view, situation);
  }

  /** Of the changes those that may be done now; the others come up again. */
  static List<PlacementChange> hold(
      ServiceView view, Situation situation, List<PlacementChange> changes) {
    return view.hasVolumes() && view.wanted() != Wanted.DELETED
        ? new SingleWriter(view, situation).hold(changes)
        : changes;
  }

  private List<PlacementChange> hold(List<PlacementChange> changes) {
    List<PlacementChange> held = new ArrayList<>();
    changes.forEach(change -> hold(change).ifPresent(held::add));
    view.placements().stream()
        .filter(p -> lost(p) && !p.removing() && p.replicas() > 0)
        .filter(p -> held.stream().noneMatch(c -> isAbout(c, p)))
        .forEach(p -> held.add(new PlacementChange.Resize(p.id(), 0)));
    return held;
  }

  private Optional<PlacementChange> hold(PlacementChange change) {
    return switch (change) {
      case PlacementChange.Create c ->
          when(view.placements().stream().allMatch(Placement::gone), c);
      case PlacementChange.Update u -> when(mayStart(placement(u.id())), u);
      case PlacementChange.Resize r -> when(r.replicas() == 0 || mayStart(placement(r.id())), r);
      case PlacementChange.Remove r -> remove(r);
      case PlacementChange.Forget f -> Optional.of(f);
    };
  }

  private static Optional<PlacementChange> when(boolean may, PlacementChange change) {
    return may ? Optional.of(change) : Optional.empty();
  }

  /** Whether this one may get a task that runs; one that has one is replaced stop-first. */
  private boolean mayStart(Placement placement) {
    return view.placements().stream().allMatch(p -> p.equals(placement) || p.gone())
        && !placement.removing()
        && !lost(placement)
        && (placement.replicas() > 0 || placement.quiet());
  }

  private Optional<PlacementChange> remove(PlacementChange.Remove remove) {
    Placement placement = placement(remove.id());
    if (placement.quiet() || (lost(placement) && !awaited(placement))) {
      return Optional.of(remove);
    }
    return placement.replicas() > 0
        ? Optional.of(new PlacementChange.Resize(remove.id(), 0))
        : Optional.empty();
  }

  /**
   * Whether the copy is seen to stop when its worker is back, and not before. A Swarm that was told
   * to forget it would then start the next one beside it.
   */
  private boolean awaited(Placement placement) {
    return !attachment.leaves()
        && view.home().filter(h -> h.worker().equals(placement.worker())).isPresent();
  }

  private boolean lost(Placement placement) {
    Fate.Kind kind = situation.fate(placement.worker()).kind();
    return kind == Fate.Kind.LOST
        || kind == Fate.Kind.REMOVED
        || !situation.fates().containsKey(placement.worker());
  }

  private static boolean isAbout(PlacementChange change, Placement placement) {
    PlacementId id = placement.id();
    return switch (change) {
      case PlacementChange.Update u -> u.id().equals(id);
      case PlacementChange.Resize r -> r.id().equals(id);
      case PlacementChange.Remove r -> r.id().equals(id);
      case PlacementChange.Forget f -> f.id().equals(id);
      case PlacementChange.Create c -> false;
    };
  }

  private Placement placement(PlacementId id) {
    return view.placements().stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
  }
}
