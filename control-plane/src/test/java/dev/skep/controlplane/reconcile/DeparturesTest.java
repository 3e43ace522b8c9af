package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServicePolicy.DataPromise;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import dev.skep.controlplane.workload.ServicePolicy.Rollout;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import dev.skep.controlplane.workload.Wanted;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Replicas whose worker is lost or drained, and releases that fail or are cancelled. */
final class DeparturesTest {
  private final ClusterModel model = new ClusterModel();
  private final List<WorkerId> workers =
      List.of(addWorker(), addWorker(), addWorker(), addWorker(), addWorker());

  @Test
  void replicasOfALostWorkerGetPlacesElsewhereAtOnceAndAnEventSaysSo() {
    ServiceId id = running(5);
    model.lose(workers.get(1));

    ServicePlan plan = step(id);

    assertThat(livingOn(id)).doesNotContain(workers.get(1)).hasSize(4);
    assertThat(plan.events())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.type()).isEqualTo("replicas_moved");
              assertThat(e.message())
                  .startsWith("1 replica moved from " + name(1) + " to ")
                  .endsWith("and the Swarm says that it is down");
            });
    settle(id);
    assertThat(model.service(id).placements()).allMatch(p -> p.running() == p.replicas());
    assertThat(step(id).empty()).isTrue();
  }

  @Test
  void aWorkerThatIsOnlyNotSeenKeepsItsReplicas() {
    ServiceId id = running(5);
    model.connect(workers.get(1), false);

    assertThat(step(id).empty()).isTrue();
  }

  @Test
  void nothingMovesWhileMostOfTheClusterCannotBeSeen() {
    ServiceId id = running(5);
    model.lose(workers.get(1));
    model.lose(workers.get(2));
    model.connect(workers.get(3), false);

    ServicePlan plan = step(id);

    assertThat(plan.changes()).isEmpty();
    assertThat(model.service(id).waitingFor())
        .contains("nothing is moved while most of the cluster cannot be seen");
    model.connect(workers.get(3), true);
    step(id);
    assertThat(livingOn(id)).doesNotContain(workers.get(1), workers.get(2));
    assertThat(model.service(id).waitingFor()).isEmpty();
  }

  @Test
  void withoutRoomTheStrandedReplicasAreExplained() {
    ServiceId id = model.create(ClusterModel.spec(900, 1L << 20), 5);
    settle(id);
    model.lose(workers.getFirst());

    ServicePlan plan = step(id);

    assertThat(plan.events())
        .singleElement()
        .extracting(ServiceEvent::type)
        .isEqualTo("replicas_stranded");
    assertThat(model.service(id).waitingFor())
        .startsWith("1 of 5 replicas have no worker; 5 workers: ");
  }

  @Test
  void aManualPolicyWaitsUntilAUserAsks() {
    ServiceId id = running(5);
    model.policy(
        id,
        new ServicePolicy(Strategy.SPREAD, Migration.MANUAL, DataPromise.KEPT, Rollout.DEFAULT, 0));
    model.lose(workers.getFirst());
    step(id);
    assertThat(livingOn(id)).contains(workers.getFirst());
    assertThat(model.service(id).waitingFor()).contains("skep services migrate");
    model.now = model.now.plusSeconds(1);
    model.requestMigration(id);

    step(id);

    assertThat(livingOn(id)).doesNotContain(workers.getFirst());
  }

  @Test
  void aDrainedWorkerServesUntilOthersDo() {
    ServiceId id = running(5);
    model.upkeep(workers.getFirst(), new Upkeep(Upkeep.Availability.DRAINING, null, false));

    step(id);
    assertThat(livingOn(id)).contains(workers.getFirst());
    assertThat(replicas(id)).isEqualTo(6);
    model.perfectAgents();
    ServicePlan plan = step(id);

    assertThat(livingOn(id)).doesNotContain(workers.getFirst());
    assertThat(plan.events())
        .singleElement()
        .satisfies(e -> assertThat(e.message()).endsWith(": it is being drained"));
  }

  @Test
  void aDrainThatIsTakenBackKeepsWhatServes() {
    ServiceId id = running(5);
    workers.stream().skip(1).forEach(w -> upkeep(w, Upkeep.Availability.DRAINING));
    settle(id);
    workers.stream().skip(1).forEach(w -> upkeep(w, Upkeep.Availability.ACTIVE));
    upkeep(workers.getFirst(), Upkeep.Availability.DRAINING);
    step(id);
    assertThat(replicas(id)).isEqualTo(10);

    upkeep(workers.getFirst(), Upkeep.Availability.ACTIVE);
    step(id);

    assertThat(livingOn(id)).containsExactly(workers.getFirst());
    assertThat(replicas(id)).isEqualTo(5);
  }

  @Test
  void aForcedDrainTakesTheRestDownAtItsDeadline() {
    ServiceId id = model.create(ClusterModel.spec(900, 1L << 20), 5);
    settle(id);
    Upkeep drain = new Upkeep(Upkeep.Availability.DRAINING, model.now.plusSeconds(60), true);
    model.upkeep(workers.getFirst(), drain);
    step(id);
    assertThat(livingOn(id)).contains(workers.getFirst());
    model.now = model.now.plusSeconds(61);
    workers.forEach(w -> model.connect(w, true));

    step(id);

    assertThat(livingOn(id)).doesNotContain(workers.getFirst());
  }

  @Test
  void aRolloutTakesTheNextPlacementsWhenTheFirstAreHealthy() {
    ServiceId id = running(5);
    model.update(id, Specs.minimal().env(Map.of("A", "b")).build());

    step(id);
    assertThat(updated(id)).isEqualTo(2);
    step(id);
    assertThat(updated(id)).isEqualTo(2);
    model.perfectAgents();
    step(id);
    assertThat(updated(id)).isEqualTo(4);
    settle(id);

    assertThat(updated(id)).isEqualTo(5);
    assertThat(model.service(id).goal().good()).contains(model.service(id).target());
  }

  @Test
  void aReplicaTakesTheNewReleaseOnlyWhereItsImageIs() {
    ServiceId id = running(2);
    model.update(id, Specs.minimal().image("nginx:1.28").build());
    String image = model.service(id).target().image();
    workers.forEach(
        w ->
            model.images.put(
                new ImageWish(w, image), new Images.Image(ObjectState.PENDING, "3 of 5 layers")));

    step(id);
    assertThat(updated(id)).isZero();
    assertThat(model.service(id).active().orElseThrow().reason())
        .contains(" pulls docker.io/library/nginx@sha256:", "3 of 5 layers");
    model.images.clear();
    step(id);

    assertThat(updated(id)).isEqualTo(1);
  }

  @Test
  void anImageThatCannotBePulledGoesBackToTheReleaseBefore() {
    ServiceId id = running(2);
    model.update(id, Specs.minimal().image("nginx:1.28").build());
    String image = model.service(id).target().image();
    workers.forEach(
        w ->
            model.images.put(
                new ImageWish(w, image), new Images.Image(ObjectState.FAILED, "no such manifest")));

    step(id);
    ServicePlan plan = step(id);

    assertThat(plan.view().target().spec().image()).isEqualTo("nginx:1.27");
    assertThat(updated(id)).isEqualTo(2);
  }

  @Test
  void cancellingGoesBackAndCancellingTheFirstDeploymentStops() {
    ServiceId id = running(2);
    model.update(id, Specs.minimal().env(Map.of("A", "b")).build());
    step(id);
    model.cancel(id);
    ServicePlan plan = step(id);
    assertThat(plan.steps().getLast().state()).isEqualTo(DeploymentState.CANCELLED);
    assertThat(model.service(id).target().spec().env()).isEmpty();
    settle(id);
    assertThat(updated(id)).isEqualTo(2);

    ServiceId fresh = model.create(Specs.minimal().build(), 1);
    step(fresh);
    model.cancel(fresh);
    step(fresh);
    assertThat(model.service(fresh).wanted()).isEqualTo(Wanted.STOPPED);
  }

  private WorkerId addWorker() {
    return model.addWorker(
        new Resources(1_000, 1L << 40), Set.copyOf(EnumSet.of(WorkerRole.RUN)), Map.of());
  }

  private void upkeep(WorkerId worker, Upkeep.Availability availability) {
    model.upkeep(worker, new Upkeep(availability, null, false));
  }

  private ServiceId running(int replicas) {
    ServiceId id = model.create(ClusterModel.spec(100, 1L << 20), replicas);
    settle(id);
    return id;
  }

  private void settle(ServiceId id) {
    for (int i = 0; i < 12; i++) {
      step(id);
      model.perfectAgents();
    }
  }

  private ServicePlan step(ServiceId id) {
    ServicePlan plan = model.plan(id);
    model.apply(plan);
    return plan;
  }

  private List<WorkerId> livingOn(ServiceId id) {
    return model.service(id).placements().stream()
        .filter(p -> !p.removing())
        .map(Placement::worker)
        .toList();
  }

  private int replicas(ServiceId id) {
    return model.service(id).placements().stream()
        .filter(p -> !p.removing())
        .mapToInt(Placement::replicas)
        .sum();
  }

  private int updated(ServiceId id) {
    return model.service(id).placements().stream()
        .filter(p -> !p.removing() && !model.service(id).outdated(p))
        .mapToInt(Placement::replicas)
        .sum();
  }

  private String name(int worker) {
    return model.worker(workers.get(worker)).name();
  }
}
