package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.schedule.Decision;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.HealthCheck;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Task;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Moves the active deployment of a service forward, as far as what was seen allows. */
final class DeploymentSteps {
  /** Time to find room; after it the deployment fails, and the service still waits for room. */
  static final Duration PENDING_DEADLINE = Duration.ofMinutes(30);

  /** Time until every engine has its objects. */
  static final Duration DEPLOYING_DEADLINE = Duration.ofMinutes(5);

  /** Time to pull the image and start, beside the patience of the health check. */
  static final Duration VERIFYING_DEADLINE = Duration.ofMinutes(15);

  /** Replicas of one placement that may die before the release is called broken. */
  static final int MAX_FAILED_TASKS = 3;

  /** Without a health check, a replica counts when it stayed up for so long. */
  static final Duration MONITOR = Duration.ofMillis(1500);

  /** The Swarm starts the next attempt sooner than this, unless it has given up. */
  static final Duration GIVEN_UP = Duration.ofSeconds(5);

  private final ServiceView view;
  private final Deployment deployment;
  private final Decision decision;
  private final boolean changed;
  private final Instant now;
  private final List<DeploymentStep> steps = new ArrayList<>();
  private DeploymentState state;
  private Instant since;
  private String reason;

  private DeploymentSteps(
      ServiceView view, Deployment deployment, Decision decision, boolean changed, Instant now) {
    this.view = view;
    this.deployment = deployment;
    this.decision = decision;
    this.changed = changed;
    this.now = now;
    this.state = deployment.state();
    this.since = deployment.phaseSince();
    this.reason = deployment.reason();
  }

  static List<DeploymentStep> of(
      ServiceView view, Deployment deployment, Decision decision, boolean changed, Instant now) {
    var steps = new DeploymentSteps(view, deployment, decision, changed, now);
    steps.advance();
    return List.copyOf(steps.steps);
  }

  private void advance() {
    if (view.wanted() != Wanted.RUNNING) {
      become(
          DeploymentState.CANCELLED,
          "the service was " + view.wanted().name().toLowerCase(java.util.Locale.ROOT));
      return;
    }
    DeploymentState before;
    do {
      before = state;
      switch (state) {
        case PENDING -> pending();
        case DEPLOYING -> deploying();
        case VERIFYING -> verifying();
        case BUILDING, RUNNING, FAILED, CANCELLED, ROLLED_BACK, SUPERSEDED -> {}
      }
    } while (state != before);
  }

  private void pending() {
    if (decision.missing() == 0) {
      become(DeploymentState.DEPLOYING, "");
    } else if (late(PENDING_DEADLINE)) {
      become(
          DeploymentState.FAILED, "no room within " + words(PENDING_DEADLINE) + ": " + waiting());
    } else {
      waitFor(waiting());
    }
  }

  private String waiting() {
    return decision.missing()
        + " of "
        + view.replicas()
        + " replicas have no worker; "
        + decision.explanation();
  }

  private void deploying() {
    Optional<Placement> refused =
        live().stream()
            .filter(p -> p.observed().generation() == p.generation())
            .filter(p -> p.observed().state() == ObjectState.FAILED)
            .findFirst();
    if (refused.isPresent()) {
      become(DeploymentState.FAILED, refused.get().observed().message());
    } else if (placed() && live().stream().allMatch(Placement::applied)) {
      become(DeploymentState.VERIFYING, "");
    } else if (late(DEPLOYING_DEADLINE)) {
      become(
          DeploymentState.FAILED,
          "not applied within " + words(DEPLOYING_DEADLINE) + pendingMessage());
    }
  }

  private void verifying() {
    Duration deadline = VERIFYING_DEADLINE.plus(patience());
    if (placed() && live().stream().allMatch(this::healthy)) {
      become(DeploymentState.RUNNING, "");
    } else if (crashes().or(this::givenUp).isPresent()) {
      String why = crashes().or(this::givenUp).orElseThrow();
      become(DeploymentState.FAILED, "replicas do not stay up: " + why + whatGoesOn());
    } else if (late(deadline)) {
      become(DeploymentState.FAILED, "not healthy within " + words(deadline) + pendingMessage());
    } else {
      lastMessage().ifPresent(this::waitFor);
    }
  }

  /** Every replica has a place, and the agents have been told of no newer one. */
  private boolean placed() {
    return !changed && live().stream().mapToInt(Placement::replicas).sum() == view.replicas();
  }

  private boolean healthy(Placement placement) {
    return placement.current() >= placement.replicas()
        && placement.running() == placement.current()
        && (checked() || placement.observed().tasks().stream().allMatch(this::settled));
  }

  private boolean checked() {
    return view.target().spec().effectiveHealthCheck().isPresent();
  }

  /** A worker's clock that is ahead of ours must not hold up a deployment. */
  private boolean settled(Task task) {
    return !task.running() || task.since().isAfter(now) || !task.since().plus(MONITOR).isAfter(now);
  }

  /** The last words of a replica whose rollout the Swarm has stopped, keeping the old ones. */
  private Optional<String> givenUp() {
    return live().stream()
        .filter(p -> p.running() > p.current())
        .filter(p -> p.observed().tasks().stream().noneMatch(t -> isCurrent(p, t) && !t.ended()))
        .flatMap(p -> failures(p).stream())
        .filter(t -> t.since().plus(GIVEN_UP).isBefore(now))
        .map(Task::lastWords)
        .findFirst();
  }

  private String whatGoesOn() {
    boolean older = live().stream().anyMatch(p -> p.running() > p.current());
    return older ? "; the release before goes on" : "";
  }

  private static boolean isCurrent(Placement placement, Task task) {
    return task.generation() == placement.generation();
  }

  private Optional<String> crashes() {
    return live().stream()
        .filter(p -> failures(p).size() >= MAX_FAILED_TASKS)
        .map(p -> failures(p).getLast().lastWords())
        .findFirst();
  }

  private static List<Task> failures(Placement placement) {
    return placement.observed().tasks().stream()
        .filter(t -> t.died() && isCurrent(placement, t))
        .toList();
  }

  private Optional<String> lastMessage() {
    return live().stream()
        .flatMap(p -> p.observed().tasks().stream())
        .map(Task::message)
        .filter(m -> !m.isEmpty())
        .findFirst();
  }

  private String pendingMessage() {
    Optional<String> message =
        live().stream().map(p -> p.observed().message()).filter(m -> !m.isEmpty()).findFirst();
    return message.or(this::lastMessage).map(m -> ": " + m).orElse("");
  }

  private Duration patience() {
    return view.target()
        .spec()
        .effectiveHealthCheck()
        .map(HealthCheck::patience)
        .orElse(Duration.ZERO);
  }

  private List<Placement> live() {
    return view.placements().stream().filter(p -> !p.removing()).toList();
  }

  private boolean late(Duration deadline) {
    return since.plus(deadline).isBefore(now);
  }

  private void become(DeploymentState next, String why) {
    if (!state.mayBecome(next)) {
      return;
    }
    state = next;
    since = now;
    reason = why;
    steps.add(new DeploymentStep(deployment.id(), next, why));
  }

  private void waitFor(String why) {
    if (!why.equals(reason)) {
      reason = why;
      steps.add(new DeploymentStep(deployment.id(), state, why));
    }
  }

  private static String words(Duration duration) {
    return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
  }
}
