package dev.skep.controlplane.reconcile;

import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Replicas that do not stay on their worker, because of what becomes of the worker. */
final class Departures {
  private final ServiceView view;
  private final Situation situation;
  private final Attachment attachment;

  /** On workers that are drained: they serve until others do. */
  private final List<Placement> leaving = new ArrayList<>();

  /** On workers where they do not run any more, or must not. */
  private final List<Placement> torn = new ArrayList<>();

  /** That would go if the policy let them. */
  private final List<Placement> bound = new ArrayList<>();

  private final Set<Placement> all = new HashSet<>();
  private final List<ServiceEvent> events = new ArrayList<>();

  Departures(ServiceView view, Situation situation, Attachment attachment) {
    this.view = view;
    this.situation = situation;
    this.attachment = attachment;
    view.placements().stream().filter(p -> !p.removing()).forEach(this::sort);
    all.addAll(leaving);
    all.addAll(torn);
  }

  private void sort(Placement placement) {
    if (view.hasVolumes()) {
      switch (attachment.verdict(placement.worker())) {
        case STAYS -> {}
        case WAITS -> bound.add(placement);
        case GOES -> torn.add(placement);
      }
      return;
    }
    Fate fate = fate(placement);
    Migration migration = view.goal().policy().migration();
    switch (fate.kind()) {
      case STAYS -> {}
      case LEAVES -> (migration == Migration.NONE ? bound : leaving).add(placement);
      case EXPELLED, REMOVED -> torn.add(placement);
      case LOST -> (mayMove(migration, fate) ? torn : bound).add(placement);
      case BRAKED -> bound.add(placement);
    }
  }

  private boolean mayMove(Migration migration, Fate fate) {
    return switch (migration) {
      case AUTOMATIC -> true;
      case MANUAL -> view.goal().migrateRequested().filter(fate.since()::isBefore).isPresent();
      case NONE -> false;
    };
  }

  /** Whether it stays on a worker where it cannot run now. */
  boolean waits(Placement placement) {
    return view.hasVolumes() && bound.contains(placement);
  }

  boolean contains(Placement placement) {
    return all.contains(placement);
  }

  /**
   * Takes down what does not run any more, and of what is leaving as much as others have replaced.
   */
  List<PlacementChange> changes(List<Placement> staying) {
    List<PlacementChange> changes = new ArrayList<>();
    torn.forEach(p -> changes.add(new PlacementChange.Remove(p.id())));
    Health health = new Health(view, situation.now());
    int needed = view.replicas() - staying.stream().mapToInt(health::serving).sum();
    for (Placement placement : leaving) {
      int keep = Math.clamp(needed, 0, placement.replicas());
      needed -= keep;
      if (keep < placement.replicas()) {
        changes.add(
            keep == 0
                ? new PlacementChange.Remove(placement.id())
                : new PlacementChange.Resize(placement.id(), keep));
        left(placement, placement.replicas() - keep, staying);
      }
    }
    return changes;
  }

  private void left(Placement placement, int replicas, List<Placement> staying) {
    String others = staying.stream().map(p -> fate(p).name()).sorted().collect(joining(", "));
    events.add(
        new ServiceEvent(
            "replicas_moved",
            "%s moved from %s to %s: %s"
                .formatted(
                    count(replicas), fate(placement).name(), others, fate(placement).why())));
  }

  List<ServiceEvent> events(Decision decision) {
    if (view.hasVolumes()) {
      return attachment.events(torn);
    }
    for (Placement placement : torn) {
      events.add(
          decision.added().isEmpty()
              ? new ServiceEvent(
                  "replicas_stranded",
                  "%s of %s %s down and %s no other worker: %s; %s"
                      .formatted(
                          count(placement.replicas()),
                          fate(placement).name(),
                          placement.replicas() == 1 ? "is" : "are",
                          placement.replicas() == 1 ? "has" : "have",
                          fate(placement).why(),
                          decision.explanation()))
              : new ServiceEvent(
                  "replicas_moved",
                  "%s moved from %s to %s: %s"
                      .formatted(
                          count(placement.replicas()),
                          fate(placement).name(),
                          targets(decision),
                          fate(placement).why())));
    }
    return List.copyOf(events);
  }

  private String targets(Decision decision) {
    return decision.added().entrySet().stream()
        .map(e -> situation.fate(e.getKey()).name() + " (" + e.getValue() + ")")
        .sorted()
        .collect(joining(", "));
  }

  /** Why replicas have no place, in a sentence; empty when they have. */
  String waitingFor(Decision decision) {
    List<String> reasons = new ArrayList<>();
    if (decision.missing() > 0) {
      reasons.add(
          "%d of %d replicas have no worker; %s"
              .formatted(decision.missing(), view.replicas(), decision.explanation()));
    }
    if (view.hasVolumes()) {
      attachment.waitingFor().ifPresent(reasons::add);
      return String.join("; ", reasons);
    }
    for (Placement placement : bound) {
      Fate fate = fate(placement);
      String stay = count(placement.replicas()) + " on " + fate.name();
      reasons.add(
          switch (fate.kind()) {
            case BRAKED -> stay + " cannot be seen: " + brief(fate);
            case LEAVES -> stay + " does not move: the service's migration policy is none";
            default ->
                "%s: %s; the service's migration policy is %s%s"
                    .formatted(
                        stay,
                        brief(fate),
                        view.goal().policy().migration().name().toLowerCase(java.util.Locale.ROOT),
                        view.goal().policy().migration() == Migration.MANUAL
                            ? ", move it with: skep services migrate " + view.name()
                            : "");
          });
    }
    return String.join("; ", reasons);
  }

  /** Without what changes from second to second, so that it is not written every second. */
  private static String brief(Fate fate) {
    return fate.kind() == Fate.Kind.BRAKED
        ? "nothing is moved while most of the cluster cannot be seen"
        : "the worker is lost";
  }

  private Fate fate(Placement placement) {
    return situation.fate(placement.worker());
  }

  private static String count(int replicas) {
    return replicas == 1 ? "1 replica" : replicas + " replicas";
  }
}
