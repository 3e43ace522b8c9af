package dev.skep.controlplane.reconcile;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.schedule.Held;
import dev.skep.controlplane.schedule.Requirement;
import dev.skep.controlplane.schedule.Want;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServicePolicy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Where the replicas of a service that shall run go next. */
final class Layout {
  private final ServiceView view;
  private final Situation situation;
  private final Pace pace;
  private final Attachment attachment;
  private final Departures departures;

  /** Replicas per worker that stay or come. */
  private final Map<WorkerId, Integer> counts = new HashMap<>();

  /** Those of them that serve. */
  private final Map<WorkerId, Integer> serving = new HashMap<>();

  private final List<Placement> staying = new ArrayList<>();
  private final List<PlacementChange> changes = new ArrayList<>();
  private List<Placement> batch = List.of();
  private Decision decision = Decision.NOTHING;

  Layout(ServiceView view, Situation situation, Pace pace) {
    this.view = view;
    this.situation = situation;
    this.pace = pace;
    this.attachment = Attachment.of(view, situation);
    this.departures = new Departures(view, situation, attachment);
  }

  /** How many placements take the target release now. */
  enum Pace {
    /** As many as the rollout lets. */
    IN_TURNS,
    /** All of them: where everything will be in the end. */
    AT_ONCE
  }

  /**
   * What was decided.
   *
   * @param decision missing says how many replicas have no place
   * @param counts replicas per worker that stay or come
   * @param unready images that are not yet where they are needed
   */
  record Result(
      List<PlacementChange> changes,
      Map<WorkerId, Integer> counts,
      Decision decision,
      List<ServiceEvent> events,
      String waitingFor,
      Set<ImageWish> unready) {}

  Result result() {
    for (Placement placement : view.placements()) {
      if (!placement.removing() && !departures.contains(placement)) {
        staying.add(placement);
      }
    }
    Health health = new Health(view, situation.now());
    Retirement retirement = new Retirement(view, health, staying);
    for (Placement placement : staying) {
      counts.put(placement.worker(), replicas(placement) - retirement.retiring(placement.worker()));
      serving.put(placement.worker(), health.serving(placement));
    }
    place(retirement);
    addChanges(retirement);
    changes.addAll(departures.changes(staying));
    return new Result(
        changes,
        Map.copyOf(counts),
        decision,
        departures.events(decision),
        departures.waitingFor(decision),
        unready());
  }

  /** One that waits for its worker and the data there has its place. */
  private int replicas(Placement placement) {
    return departures.waits(placement) ? view.replicas() : placement.replicas();
  }

  /** One with volumes that was taken down and starts again where it is. */
  private boolean resting(Placement placement) {
    return view.hasVolumes()
        && placement.replicas() == 0
        && !view.outdated(placement)
        && !departures.waits(placement);
  }

  private void place(Retirement retirement) {
    int missing = view.replicas() - sum(counts.values());
    if (missing < 0) {
      shrink(-missing);
    }
    batch =
        switch (pace) {
          case IN_TURNS ->
              Stream.concat(
                      Rollout.next(
                          view,
                          situation,
                          staying.stream().filter(p -> !retirement.contains(p)).toList(),
                          counts)
                          .stream(),
                      staying.stream().filter(this::resting))
                  .toList();
          case AT_ONCE -> staying.stream().filter(view::outdated).toList();
        };
    List<Held> held = held();
    int kept = held.stream().mapToInt(Held::kept).sum();
    if (missing <= 0 && kept == 0) {
      return;
    }
    held.forEach(h -> counts.remove(h.worker()));
    Want want = want(Math.max(missing, 0) + kept);
    decision =
        held.isEmpty() ? situation.fleet().place(want) : situation.fleet().replace(held, want);
    if (decision.missing() > 0) {
      // What it had of its worker without a replica, its host ports, stays its own.
      held.stream().filter(h -> h.reserved() == 0).forEach(h -> situation.fleet().stay(h, 0, want));
    }
    if (sum(decision.added().values()) < kept) {
      // What runs is worth more than what would not fit; it stays until there is room.
      batch.forEach(p -> counts.put(p.worker(), p.replicas()));
      batch = List.of();
      return;
    }
    if (pace == Pace.IN_TURNS && !view.hasVolumes()) {
      keepUntilReplaced(held, want);
    }
    Set<WorkerId> waiting = waiting();
    decision
        .added()
        .forEach(
            (worker, n) -> {
              // One row holds one release: more come here when its turn has come.
              if (!waiting.contains(worker)) {
                counts.merge(worker, n, Integer::sum);
              }
            });
  }

  /**
   * Replicas that do not fit any more where they are, and have successors elsewhere now, go on as
   * they are until those serve.
   */
  private void keepUntilReplaced(List<Held> held, Want want) {
    Set<WorkerId> older =
        staying.stream().filter(view::outdated).map(Placement::worker).collect(toUnmodifiableSet());
    int successors =
        decision.added().entrySet().stream()
            .filter(e -> !older.contains(e.getKey()))
            .mapToInt(Map.Entry::getValue)
            .sum();
    Set<WorkerId> outgrown = new HashSet<>();
    for (Held h : held) {
      int placed = decision.added().getOrDefault(h.worker(), 0);
      int gone = h.kept() - placed;
      if (gone > 0 && gone <= successors) {
        successors -= gone;
        situation.fleet().stay(h, placed, want);
        counts.put(h.worker(), h.kept());
        outgrown.add(h.worker());
      }
    }
    batch = batch.stream().filter(p -> !outgrown.contains(p.worker())).toList();
  }

  /** Workers whose replicas take the target release later. */
  private Set<WorkerId> waiting() {
    return staying.stream()
        .filter(p -> view.outdated(p) && !batch.contains(p))
        .map(Placement::worker)
        .collect(toUnmodifiableSet());
  }

  private List<Held> held() {
    return batch.stream()
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

  /** Replicas that need a place, beside those that have one. */
  Want want(int missing) {
    ServicePolicy policy = view.goal().policy();
    return new Want(
        missing,
        Requirement.of(view.target().spec(), attachment.tie()),
        policy.strategy(),
        policy.maxPerWorker(),
        situation.images().copies(view.target().image()),
        Map.copyOf(counts));
  }

  /**
   * Takes replicas away: those that do not serve yet before those that do, and where most are, so
   * that the rest stays spread.
   */
  private void shrink(int excess) {
    Comparator<Map.Entry<WorkerId, Integer>> idleFirst =
        Comparator.comparing(e -> e.getValue() > serving.getOrDefault(e.getKey(), 0));
    for (int i = 0; i < excess; i++) {
      WorkerId next =
          counts.entrySet().stream()
              .filter(e -> e.getValue() > 0)
              .max(
                  idleFirst
                      .thenComparing(Map.Entry.comparingByValue())
                      .thenComparing(e -> e.getKey().toString()))
              .orElseThrow()
              .getKey();
      counts.merge(next, -1, Integer::sum);
    }
  }

  private void addChanges(Retirement retirement) {
    Map<WorkerId, Integer> left = new HashMap<>(counts);
    for (Placement placement : view.placements()) {
      if (!placement.gone() && !departures.contains(placement)) {
        Integer replicas = left.remove(placement.worker());
        int leaving = pace == Pace.IN_TURNS ? retirement.serving(placement.worker()) : 0;
        change(placement, (replicas == null ? 0 : replicas) + leaving);
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

  private void change(Placement placement, int replicas) {
    if (replicas == 0) {
      if (!placement.removing()) {
        changes.add(new PlacementChange.Remove(placement.id()));
      }
    } else if (placement.removing() || batch.contains(placement)) {
      changes.add(
          new PlacementChange.Update(
              placement.id(), view.target().id(), replicas, view.restartGeneration()));
    } else if (placement.replicas() != replicas) {
      changes.add(new PlacementChange.Resize(placement.id(), replicas));
    }
  }

  /** Also where the target release comes later: it is pulled while others are being replaced. */
  private Set<ImageWish> unready() {
    Set<ImageWish> unready = new HashSet<>();
    String image = view.target().image();
    counts.forEach(
        (worker, replicas) -> {
          if (replicas > 0 && !situation.images().ready(worker, image)) {
            unready.add(new ImageWish(worker, image));
          }
        });
    return unready;
  }

  private static int sum(Collection<Integer> counts) {
    return counts.stream().mapToInt(Integer::intValue).sum();
  }
}
