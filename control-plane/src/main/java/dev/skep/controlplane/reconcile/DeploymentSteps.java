package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.HealthCheck;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Moves the active deployment of a service forward, as far as what was seen allows. */
final class DeploymentSteps {
  /** Time to find room; after it the deployment fails, and the service still waits for room. */
  static final Duration PENDING_DEADLINE = Duration.ofMinutes(30);

  /** Time until every engine has its objects, since the last replica that became healthy. */
  static final Duration DEPLOYING_DEADLINE = Duration.ofMinutes(5);

  /** The same while images are pulled. */
  static final Duration PULLING_DEADLINE = Duration.ofMinutes(20);

  /** Time to start, beside the patience of the health check. */
  static final Duration VERIFYING_DEADLINE = Duration.ofMinutes(15);

  private final ServiceView view;
  private final Deployment deployment;
  private final Layout.Result layout;
  private final boolean changed;
  private final Instant now;
  private final Verdicts verdicts;
  private final Health health;
  private final List<DeploymentStep> steps = new ArrayList<>();
  private final List<ServiceChange> service = new ArrayList<>();
  private DeploymentState state;
  private Instant since;
  private String reason;

  DeploymentSteps(
      ServiceView view,
      Deployment deployment,
      Layout.Result layout,
      boolean changed,
      Situation situation) {
    this.view = view;
    this.deployment = deployment;
    this.layout = layout;
    this.changed = changed;
    this.now = situation.now();
    this.verdicts = new Verdicts(view, situation, layout);
    this.health = new Health(view, now);
    this.state = deployment.state();
    this.since = deployment.phaseSince();
    this.reason = deployment.reason();
  }

  /** Steps of the deployment, and what follows for the service. */
  record Result(List<DeploymentStep> steps, List<ServiceChange> service) {
    static final Result NONE = new Result(List.of(), List.of());
  }

  Result result() {
    if (view.wanted() != Wanted.RUNNING) {
      become(
          DeploymentState.CANCELLED,
          "the service was " + view.wanted().name().toLowerCase(Locale.ROOT));
    } else if (deployment.cancelRequested()) {
      cancel();
    } else {
      advance();
    }
    return new Result(List.copyOf(steps), List.copyOf(service));
  }

  private void advance() {
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
    if (layout.decision().missing() == 0) {
      become(DeploymentState.DEPLOYING, "");
    } else if (late(since, PENDING_DEADLINE)) {
      become(
          DeploymentState.FAILED,
          "no room within " + words(PENDING_DEADLINE) + ": " + layout.waitingFor());
    } else {
      waitFor(layout.waitingFor());
    }
  }

  private void deploying() {
    Optional<String> broken = verdicts.broken();
    Duration deadline = verdicts.imagesMissing() ? PULLING_DEADLINE : DEPLOYING_DEADLINE;
    if (broken.isPresent()) {
      fail(broken.get());
    } else if (placed() && verdicts.live().stream().allMatch(this::applied)) {
      become(DeploymentState.VERIFYING, "");
    } else if (late(lastProgress(), deadline)) {
      fail("not applied within " + words(deadline) + because());
    } else {
      waitFor(waiting());
    }
  }

  private void verifying() {
    Optional<String> broken = verdicts.broken();
    Duration deadline = verifyingDeadline();
    if (placed() && verdicts.live().stream().allMatch(health::whole)) {
      become(DeploymentState.RUNNING, "");
      service.add(new ServiceChange.Proven(view.target()));
    } else if (broken.isPresent()) {
      fail(broken.get());
    } else if (late(lastProgress(), deadline)) {
      fail("not healthy within " + words(deadline) + because());
    } else if (!waiting().isEmpty()) {
      waitFor(waiting());
    }
  }

  private boolean applied(Placement placement) {
    return placement.applied() && !view.outdated(placement);
  }

  /** Every replica has a place, and the agents have been told of no newer one. */
  private boolean placed() {
    return !changed
        && verdicts.live().stream().mapToInt(Placement::replicas).sum() == view.replicas();
  }

  private Duration verifyingDeadline() {
    Duration asked = view.goal().policy().rollout().deadline();
    return asked != null ? asked : VERIFYING_DEADLINE.plus(patience());
  }

  private Duration patience() {
    return view.target()
        .spec()
        .effectiveHealthCheck()
        .map(HealthCheck::patience)
        .orElse(Duration.ZERO);
  }

  private void cancel() {
    if (deployment.replicasBefore() > 0) {
      become(DeploymentState.CANCELLED, "cancelled; the service has its old size again");
      service.add(new ServiceChange.ScaleBack(deployment.replicasBefore()));
    } else if (before().isPresent()) {
      Release back = before().get();
      become(DeploymentState.CANCELLED, "cancelled; going back to release " + back.number());
      service.add(new ServiceChange.GoBack(back, "cancelled release " + view.target().number()));
    } else if (view.goal().good().isEmpty()) {
      become(DeploymentState.CANCELLED, "cancelled; nothing has run before, so it is stopped");
      service.add(new ServiceChange.Stop());
    } else {
      become(DeploymentState.CANCELLED, "cancelled; what runs goes on");
    }
  }

  private void fail(String why) {
    Optional<Release> back =
        view.goal().policy().rollout().keepFailed() ? Optional.empty() : before();
    if (back.isPresent()) {
      int number = back.get().number();
      become(DeploymentState.ROLLED_BACK, why + "; going back to release " + number);
      service.add(
          new ServiceChange.GoBack(
              back.get(), "rolled back from release " + view.target().number()));
    } else {
      become(
          DeploymentState.FAILED,
          why + (verdicts.olderRun() ? "; the release before goes on" : ""));
    }
  }

  /** The release that ran before this one, if it is another. */
  private Optional<Release> before() {
    return view.goal().good().filter(good -> !Objects.equals(good.id(), view.target().id()));
  }

  private String waiting() {
    return layout.decision().missing() > 0 ? layout.waitingFor() : verdicts.waiting();
  }

  private String because() {
    return waiting().isEmpty() ? "" : ": " + waiting();
  }

  private Instant lastProgress() {
    Instant progress = verdicts.lastProgress();
    return progress.isAfter(since) ? progress : since;
  }

  private boolean late(Instant start, Duration deadline) {
    return start.plus(deadline).isBefore(now);
  }

  private void become(DeploymentState next, String why) {
    if (!state.mayBecome(next)) {
      return;
    }
    state = next;
    since = now;
    reason = why;
    String container =
        next == DeploymentState.FAILED || next == DeploymentState.ROLLED_BACK
            ? verdicts.failedContainer()
            : "";
    steps.add(new DeploymentStep(deployment.id(), next, why, container));
  }

  private void waitFor(String why) {
    if (!why.equals(reason)) {
      reason = why;
      steps.add(new DeploymentStep(deployment.id(), state, why, ""));
    }
  }

  private static String words(Duration duration) {
    return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toSeconds() + " s";
  }
}
