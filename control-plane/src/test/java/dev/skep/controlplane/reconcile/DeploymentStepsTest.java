package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Observed;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Task;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Ways that a deployment takes through its states, and what is said on the way. */
final class DeploymentStepsTest {
  private static final Resources WORKER = new Resources(1_000, 1L << 30);

  private final ClusterModel model = new ClusterModel();

  @Test
  void withoutAWorkerItSaysHowToGetOne() {
    ServiceId id = model.create(Specs.minimal().build(), 2);

    assertThat(step(id))
        .isEqualTo(
            "PENDING 2 of 2 replicas have no worker; there is no worker yet; add one with: skep"
                + " workers token");
    model.now = model.now.plus(DeploymentSteps.PENDING_DEADLINE).plusSeconds(1);
    assertThat(step(id)).startsWith("FAILED no room within 30 min: 2 of 2 replicas");
  }

  @Test
  void everyRejectedWorkerIsCountedByItsRule() {
    model.addWorker(WORKER, EnumSet.of(WorkerRole.MANAGER), Map.of());
    model.addWorker(WORKER, EnumSet.of(WorkerRole.RUN), Map.of());
    model.connect(model.addWorker(WORKER, EnumSet.of(WorkerRole.RUN), Map.of()), false);
    model.addWorker(new Resources(2_000, 1 << 20), EnumSet.of(WorkerRole.RUN), Map.of());
    ServiceId id = model.create(ClusterModel.spec(1_500, 64 << 20), 1);

    assertThat(step(id))
        .isEqualTo(
            "PENDING 1 of 1 replicas have no worker; 4 workers: 1 not connected, 1 does not have"
                + " the role run, 1 lacks 1.5 CPU (largest free: 1.0 CPU), 1 lacks 64 MiB memory"
                + " (largest free: 1 MiB)");
  }

  @Test
  void aTakenPortAndAMissingLabelAreNamed() {
    model.addWorker(WORKER, EnumSet.of(WorkerRole.RUN), Map.of());
    ServiceId ports = model.create(Specs.minimal().port(80, 8080).build(), 2);
    ServiceId labels = model.create(Specs.minimal().workerLabels(Map.of("disk", "ssd")).build(), 1);

    assertThat(step(ports)).endsWith("1 worker: 1 has the host port 8080 in use");
    assertThat(step(labels)).endsWith("1 worker: 1 lacks the labels {disk=ssd}");
  }

  @Test
  void aHealthyDeploymentRuns() {
    ServiceId id = deploying();
    model.perfectAgents();

    assertThat(step(id)).isEqualTo("RUNNING ");
  }

  @Test
  void anObjectThatIsRefusedFailsAtOnce() {
    ServiceId id = deploying();
    observe(id, ObjectState.FAILED, "no such image", List.of());

    assertThat(step(id)).isEqualTo("FAILED no such image");
  }

  @Test
  void anAgentThatDoesNotAnswerFailsItAfterFiveMinutes() {
    ServiceId id = deploying();
    model.now = model.now.plus(DeploymentSteps.DEPLOYING_DEADLINE);
    assertThat(step(id)).isEmpty();
    model.now = model.now.plusSeconds(1);

    assertThat(step(id)).isEqualTo("FAILED not applied within 5 min");
  }

  @Test
  void replicasThatNeverGetHealthyFailItAfterTheirPatience() {
    ServiceId id = deploying();
    observe(id, ObjectState.APPLIED, "", List.of());
    assertThat(step(id)).isEqualTo("VERIFYING ");
    model.now = model.now.plus(DeploymentSteps.VERIFYING_DEADLINE).plus(Duration.ofSeconds(1));

    assertThat(step(id)).isEqualTo("FAILED not healthy within 15 min");
  }

  @Test
  void replicasThatDieAgainAndAgainFailItEarly() {
    ServiceId id = deploying();
    Task dead = new Task("t", 1, "c", "failed", false, "exit 1", model.now);
    observe(id, ObjectState.APPLIED, "", Collections.nCopies(3, dead));

    assertThat(step(id)).isEqualTo("FAILED replicas do not stay up: exit 1");
  }

  @Test
  void withoutAHealthCheckAReplicaCountsWhenItStaysUp() {
    ServiceId id = deploying();
    observe(id, ObjectState.APPLIED, "", List.of(running(1)));
    assertThat(step(id)).isEqualTo("VERIFYING ");
    model.now = model.now.plus(Health.MONITOR);

    assertThat(step(id)).isEqualTo("RUNNING ");
  }

  @Test
  void aWorkersClockThatIsAheadHoldsUpNothing() {
    ServiceId id = deploying();
    model.now = model.now.minus(Duration.ofHours(1));
    Task task = running(1);
    model.now = model.now.minus(Duration.ofHours(1));
    observe(id, ObjectState.APPLIED, "", List.of(task));

    assertThat(step(id)).isEqualTo("RUNNING ");
  }

  @Test
  void anUpdateThatTheSwarmGivesUpIsRolledBack() {
    ServiceId id = deploying();
    model.perfectAgents();
    step(id);
    model.update(id, Specs.minimal().env(Map.of("A", "b")).build());
    step(id);
    Task dead = new Task("t2", 2, "c2", "failed", false, "unhealthy container", model.now);
    observe(id, ObjectState.APPLIED, "", List.of(running(1), dead));
    assertThat(step(id)).isEqualTo("VERIFYING unhealthy container");
    model.now = model.now.plus(Verdicts.GIVEN_UP).plusMillis(1);

    assertThat(step(id))
        .isEqualTo(
            "ROLLED_BACK replicas do not stay up: unhealthy container; going back to release 1");
  }

  private Task running(long generation) {
    return new Task("t", generation, "c", "running", true, "", model.now);
  }

  @Test
  void stoppingCancels() {
    ServiceId id = deploying();
    model.want(id, Wanted.STOPPED);

    assertThat(step(id)).isEqualTo("CANCELLED the service was stopped");
  }

  @Test
  void anUpdateThatFitsNowhereKeepsWhatRuns() {
    ServiceId id = deploying();
    model.perfectAgents();
    step(id);
    model.update(id, ClusterModel.spec(5_000, 64 << 20));

    assertThat(step(id)).startsWith("PENDING 1 of 1 replicas have no worker");
    assertThat(model.service(id).placements())
        .singleElement()
        .satisfies(p -> assertThat(p.running()).isEqualTo(1));
  }

  private ServiceId deploying() {
    model.addWorker(WORKER, EnumSet.of(WorkerRole.RUN), Map.of());
    ServiceId id = model.create(Specs.minimal().build(), 1);
    assertThat(step(id)).isEqualTo(DeploymentState.DEPLOYING + " ");
    return id;
  }

  private void observe(ServiceId id, ObjectState state, String message, List<Task> tasks) {
    ServiceView view = model.service(id);
    List<Placement> seen =
        view.placements().stream()
            .map(p -> ClusterModel.seen(p, new Observed(p.generation(), state, "", message, tasks)))
            .toList();
    model.services.put(id, model.observed(view, seen));
  }

  /** Makes one step; the last thing that is said of the deployment, empty when nothing is. */
  private String step(ServiceId id) {
    ServicePlan plan = model.plan(id);
    model.apply(plan);
    return plan.steps().isEmpty()
        ? ""
        : plan.steps().getLast().state() + " " + plan.steps().getLast().reason();
  }
}
