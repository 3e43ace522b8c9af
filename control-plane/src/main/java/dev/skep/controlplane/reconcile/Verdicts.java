package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the agents' reports say of a release that is being rolled out. */
final class Verdicts {
  /** Replicas of one placement that may die before the release is called broken. */
  static final int MAX_FAILED_TASKS = 3;

  /** The Swarm starts the next attempt sooner than this, unless it has given up. */
  static final Duration GIVEN_UP = Duration.ofSeconds(5);

  private final ServiceView view;
  private final Situation situation;
  private final Layout.Result layout;

  Verdicts(ServiceView view, Situation situation, Layout.Result layout) {
    this.view = view;
    this.situation = situation;
    this.layout = layout;
  }

  /** Placements that take part in the rollout: what is lost or taken down proves nothing. */
  List<Placement> live() {
    return view.placements().stream()
        .filter(p -> !p.removing())
        .filter(p -> situation.fate(p.worker()).kind() == Fate.Kind.STAYS)
        .toList();
  }

  private Stream<Placement> current() {
    return live().stream().filter(p -> !view.outdated(p));
  }

  /** Why the release cannot run, if it cannot. */
  Optional<String> broken() {
    return refused()
        .or(this::imageRefused)
        .or(() -> crashes().or(this::givenUp).map(why -> "replicas do not stay up: " + why));
  }

  private Optional<String> refused() {
    return current()
        .filter(p -> p.observed().generation() == p.generation())
        .filter(p -> p.observed().state() == ObjectState.FAILED)
        .map(p -> p.observed().message())
        .findFirst();
  }

  private Optional<String> imageRefused() {
    return layout.unready().stream()
        .filter(w -> image(w).filter(i -> i.state() == ObjectState.FAILED).isPresent())
        .map(w -> worker(w) + " cannot pull " + w.image() + ": " + image(w).orElseThrow().message())
        .sorted()
        .findFirst();
  }

  private Optional<String> crashes() {
    return current()
        .filter(p -> failures(p).size() >= MAX_FAILED_TASKS)
        .map(p -> failures(p).getLast().lastWords())
        .findFirst();
  }

  /** The last words of a replica whose rollout the Swarm has stopped, keeping the old ones. */
  private Optional<String> givenUp() {
    return current()
        .filter(p -> p.running() > p.current())
        .filter(p -> p.observed().tasks().stream().noneMatch(t -> isCurrent(p, t) && !t.ended()))
        .flatMap(p -> failures(p).stream())
        .filter(t -> t.since().plus(GIVEN_UP).isBefore(situation.now()))
        .map(Task::lastWords)
        .findFirst();
  }

  private static List<Task> failures(Placement placement) {
    return placement.observed().tasks().stream()
        .filter(t -> t.died() && isCurrent(placement, t))
        .toList();
  }

  /** The newest of the release that died, else the newest that is not healthy; may be empty. */
  String failedContainer() {
    List<Task> started =
        current()
            .flatMap(p -> p.observed().tasks().stream().filter(t -> isCurrent(p, t)))
            .filter(t -> !t.containerId().isEmpty())
            .sorted(Comparator.comparing(Task::since).reversed())
            .toList();
    return started.stream()
        .filter(Task::died)
        .findFirst()
        .or(() -> started.stream().filter(t -> !t.running()).findFirst())
        .map(Task::containerId)
        .orElse("");
  }

  private static boolean isCurrent(Placement placement, Task task) {
    return task.generation() == placement.generation();
  }

  /** Whether replicas of another release go on. */
  boolean olderRun() {
    return live().stream()
        .anyMatch(p -> p.running() > p.current() || (view.outdated(p) && p.running() > 0));
  }

  /** What the rollout waits for, in words for the user; empty when nothing is known. */
  String waiting() {
    return pulling().or(this::lastMessage).or(this::progress).orElse("");
  }

  private Optional<String> pulling() {
    return layout.unready().stream()
        .map(
            w ->
                worker(w)
                    + " pulls "
                    + w.image()
                    + image(w)
                        .map(Images.Image::message)
                        .filter(m -> !m.isEmpty())
                        .map(m -> ": " + m)
                        .orElse(""))
        .sorted()
        .findFirst();
  }

  Optional<String> lastMessage() {
    Stream<String> objects = live().stream().map(p -> p.observed().message());
    Stream<String> tasks =
        live().stream().flatMap(p -> p.observed().tasks().stream()).map(Task::message);
    return Stream.concat(objects, tasks).filter(m -> !m.isEmpty()).findFirst();
  }

  private Optional<String> progress() {
    int done = current().mapToInt(Placement::replicas).sum();
    boolean partly = done > 0 && done < view.replicas();
    return partly
        ? Optional.of(
            "%d of %d replicas have been given release %d"
                .formatted(done, view.replicas(), view.target().number()))
        : Optional.empty();
  }

  boolean imagesMissing() {
    return !layout.unready().isEmpty();
  }

  /** When a replica of the target release became healthy last; long ago when none has. */
  Instant lastProgress() {
    return current()
        .flatMap(p -> p.observed().tasks().stream().filter(t -> isCurrent(p, t) && t.running()))
        .map(Task::since)
        // A worker's clock may be ahead of ours.
        .filter(since -> !since.isAfter(situation.now()))
        .max(Comparator.naturalOrder())
        .orElse(Instant.MIN);
  }

  private Optional<Images.Image> image(ImageWish wish) {
    return situation.images().get(wish.worker(), wish.image());
  }

  private String worker(ImageWish wish) {
    return situation.fate(wish.worker()).name();
  }
}
