package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServicePolicy.DataPromise;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import dev.skep.controlplane.workload.ServicePolicy.Rollout;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service with a volume: it stays with its data, and never has two writers. */
final class VolumeStepsTest {
  private static final Duration LEASE = Duration.ofSeconds(135);

  private final ClusterModel model = new ClusterModel();

  @BeforeEach
  void threeWorkers() {
    for (int i = 0; i < 3; i++) {
      model.addWorker(
          new Resources(1_000, 1L << 40), Set.copyOf(EnumSet.of(WorkerRole.RUN)), Map.of());
    }
  }

  @Test
  void itsVolumesAreWhereItsReplicaGoesFirst() {
    ServiceId id = running();

    assertThat(model.service(id).home().map(Home::worker)).contains(worker(id));
    assertThat(step(id).empty()).isTrue();
  }

  @Test
  void anUpdateStaysThere() {
    ServiceId id = running();
    WorkerId before = worker(id);
    model.update(id, Specs.minimal().volumes("/data").env(Map.of("A", "b")).build());

    settle(id);

    assertThat(worker(id)).isEqualTo(before);
    assertThat(model.service(id).placements())
        .singleElement()
        .satisfies(p -> assertThat(p.running()).isEqualTo(1));
    assertThat(model.service(id).active()).isEmpty();
  }

  @Test
  void afterAStopTheNextCopyStartsWhenTheOldOneHasEnded() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.want(id, Wanted.STOPPED);
    step(id);
    assertThat(only(id).replicas()).isZero();
    model.want(id, Wanted.RUNNING);
    model.slowAgents();

    step(id);
    step(id);
    assertThat(only(id).replicas()).as("while the old one stops").isZero();
    model.perfectAgents();
    settle(id);

    assertThat(only(id).running()).isEqualTo(1);
    assertThat(worker(id)).isEqualTo(home);
  }

  @Test
  void aStoppedServiceHasNoPlacementInTheEndAndComesBackToItsData() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.want(id, Wanted.STOPPED);
    settle(id);
    assertThat(model.service(id).placements()).isEmpty();

    model.want(id, Wanted.RUNNING);
    settle(id);

    assertThat(worker(id)).isEqualTo(home);
  }

  @Test
  void whenItsWorkerIsLostItWaitsAndSaysSo() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.lose(home);

    step(id);

    assertThat(only(id).worker()).isEqualTo(home);
    assertThat(only(id).replicas()).as("the Swarm is told to want none").isZero();
    assertThat(model.service(id).waitingFor())
        .startsWith("waits for worker " + model.worker(home).name() + ", which is lost")
        .contains("its volume data is there", "skep services migrate", "--abandon-data");
    assertThat(step(id).empty()).isTrue();
    model.now = model.now.plusSeconds(60);
    model.connect(home, true);
    settle(id);
    assertThat(only(id).running()).isEqualTo(1);
    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor()).isEmpty();
  }

  @Test
  void itIsExplainedWhyOthersDoNotTakeIt() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.want(id, Wanted.STOPPED);
    settle(id);
    model.lose(home);
    model.want(id, Wanted.RUNNING);

    step(id);

    assertThat(model.service(id).waitingFor())
        .contains("1 lost", "2 cannot take it: its volume data is on worker " + name(home));
    assertThat(model.service(id).placements()).isEmpty();
  }

  @Test
  void aUserCanGiveTheDataUp() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.lose(home);
    step(id);
    model.now = model.now.plusSeconds(1);
    model.requestAbandon(id);

    ServicePlan plan = step(id);
    assertThat(plan.events())
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.type()).isEqualTo("volumes_left_behind");
              assertThat(e.message()).contains(name(home), "empty volumes");
            });
    assertThat(model.service(id).placements()).as("not before the Swarm let go").hasSize(1);
    removedFromTheSwarm(id);
    settle(id);

    assertThat(worker(id)).isNotEqualTo(home);
    assertThat(model.service(id).home().map(Home::worker)).contains(worker(id));
  }

  @Test
  void aWishToGiveTheDataUpIsVoidWhenTheWorkerIsBack() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.requestAbandon(id);
    step(id);
    model.now = model.now.plusSeconds(1);
    model.lose(home);

    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).home().flatMap(Home::abandonRequested)).isEmpty();
  }

  @Test
  void withoutALeaseNoPromiseMakesItLeaveALostWorkerByItself() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.policy(id, mayLose());
    model.lose(home);

    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor()).contains("--abandon-data");
  }

  @Test
  void aLeasedCopyStartsElsewhereWhenItHasCertainlyStopped() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    model.lose(home);
    step(id);
    model.tellTheSwarm();

    pass(LEASE);
    step(id);
    assertThat(worker(id)).as("at the last moment of it").isEqualTo(home);
    assertThat(only(id).removing()).isFalse();
    assertThat(model.service(id).waitingFor())
        .startsWith("waits until the copy on worker " + name(home))
        .contains("then it starts elsewhere with empty volumes");

    pass(Duration.ofSeconds(1));
    ServicePlan plan = step(id);
    assertThat(plan.events())
        .singleElement()
        .satisfies(e -> assertThat(e.type()).isEqualTo("volumes_left_behind"));
    removedFromTheSwarm(id);
    settle(id);
    assertThat(worker(id)).isNotEqualTo(home);
    assertThat(only(id).running()).isEqualTo(1);
  }

  @Test
  void aLeasedCopyIsNotGivenUpBeforeTheSwarmKnowsThatNoneIsWanted() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    model.lose(home);
    pass(LEASE.plusSeconds(1));

    settle(id);
    assertThat(only(id).removing()).isFalse();
    assertThat(worker(id)).isEqualTo(home);

    model.tellTheSwarm();
    step(id);
    assertThat(only(id).removing()).isTrue();
  }

  @Test
  void aLeasedCopyWhoseWorkerComesBackInTimeKeepsItsData() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    model.lose(home);
    step(id);
    model.tellTheSwarm();
    pass(LEASE);
    step(id);
    model.connect(home, true);

    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(only(id).running()).isEqualTo(1);
  }

  @Test
  void aLeaseMovesNothingWhoseDataIsToBeKept() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    model.policy(id, ServicePolicy.DEFAULT);
    model.lose(home);
    step(id);
    model.tellTheSwarm();
    pass(LEASE.plusSeconds(1));

    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor()).contains("--abandon-data");
  }

  @Test
  void aDrainWaitsForItUnlessItMayLoseItsData() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.upkeep(home, new Upkeep(Upkeep.Availability.DRAINING, null, false));
    settle(id);
    assertThat(only(id).running()).isEqualTo(1);
    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor())
        .startsWith("does not leave worker " + name(home) + " although it is being drained");

    model.policy(id, mayLose());
    settle(id);

    assertThat(worker(id)).isNotEqualTo(home);
    assertThat(only(id).running()).isEqualTo(1);
  }

  @Test
  void aDrainedCopyKeepsItsDataUntilItIsKnownToHaveStopped() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    drainSlowly(id);
    assertThat(only(id).replicas()).isZero();
    assertThat(model.service(id).home().map(Home::worker)).contains(home);

    model.upkeep(home, Upkeep.NONE);
    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(only(id).running()).isEqualTo(1);
  }

  @Test
  void aDrainedCopyIsGivenUpOnceWhenItHasStopped() {
    ServiceId id = leased();
    drainSlowly(id);
    model.perfectAgents();

    assertThat(step(id).events())
        .singleElement()
        .satisfies(e -> assertThat(e.type()).isEqualTo("volumes_left_behind"));
    assertThat(step(id).events()).isEmpty();
  }

  @Test
  void aWorkerThatIsLostWhileItsCopyStopsForADrainIsWaitedForLikeAnyOther() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    drainSlowly(id);

    lostUntilTheLeaseIsOver(id);
    assertThat(worker(id)).isEqualTo(home);

    pass(Duration.ofSeconds(1));
    step(id);
    removedFromTheSwarm(id);
    settle(id);
    assertThat(worker(id)).isNotEqualTo(home);
    assertThat(only(id).running()).isEqualTo(1);
  }

  @Test
  void aWishToLeaveADrainedWorkerDoesNotHoldWhenItIsLostBeforeTheCopyHasStopped() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.requestAbandon(id);
    drainSlowly(id);

    lostUntilTheLeaseIsOver(id);
    pass(LEASE);
    settle(id);

    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor()).contains("--abandon-data");
  }

  @Test
  void aRemovedWorkerIsWaitedForLikeALostOne() {
    ServiceId id = leased();
    WorkerId home = worker(id);
    model.upkeep(home, new Upkeep(Upkeep.Availability.REMOVED, null, false));

    lostUntilTheLeaseIsOver(id);
    assertThat(worker(id)).isEqualTo(home);
    assertThat(model.service(id).waitingFor())
        .contains("waits until the copy on worker " + name(home) + ", which was removed");

    pass(Duration.ofSeconds(1));
    step(id);
    removedFromTheSwarm(id);
    settle(id);
    assertThat(worker(id)).isNotEqualTo(home);
  }

  @Test
  void aCopyThatIsStoppedOnALostWorkerIsForgottenWhenItHasEnded() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.lose(home);
    model.want(id, Wanted.STOPPED);
    step(id);
    model.tellTheSwarm();
    step(id);
    assertThat(only(id).removing()).as("a next copy would start beside it").isFalse();

    model.connect(home, true);
    settle(id);

    assertThat(model.service(id).placements()).isEmpty();
  }

  private void drainSlowly(ServiceId id) {
    model.upkeep(worker(id), new Upkeep(Upkeep.Availability.DRAINING, null, false));
    for (int i = 0; i < 4; i++) {
      step(id);
      model.slowAgents();
    }
  }

  private void lostUntilTheLeaseIsOver(ServiceId id) {
    model.lose(worker(id));
    step(id);
    model.tellTheSwarm();
    pass(LEASE);
    step(id);
    model.tellTheSwarm();
    step(id);
  }

  @Test
  void aForcedDrainTakesItDownAndItComesBackAfterIt() {
    ServiceId id = running();
    WorkerId home = worker(id);
    model.upkeep(home, new Upkeep(Upkeep.Availability.DRAINING, model.now.minusSeconds(1), true));
    settle(id);
    assertThat(model.service(id).placements()).isEmpty();
    assertThat(model.service(id).waitingFor()).contains("its volume data is there");

    model.upkeep(home, Upkeep.NONE);
    settle(id);

    assertThat(worker(id)).isEqualTo(home);
  }

  @Test
  void severalReplicasBecomeOneWithAVolume() {
    ServiceId id = model.create(Specs.minimal().build(), 3);
    settle(id);
    model.update(id, spec());

    settle(id);

    assertThat(only(id).running()).isEqualTo(1);
    assertThat(model.service(id).home().map(Home::worker)).contains(worker(id));
  }

  private static ServicePolicy mayLose() {
    return new ServicePolicy(
        Strategy.SPREAD, Migration.AUTOMATIC, DataPromise.MAY_BE_LOST, Rollout.DEFAULT, 0);
  }

  /** Its worker's agent has just been heard. */
  private ServiceId leased() {
    ServiceId id = running();
    model.policy(id, mayLose());
    model.grant(worker(id), LEASE);
    return id;
  }

  private static ServiceSpec spec() {
    return Specs.minimal().volumes("/data").build();
  }

  private ServiceId running() {
    ServiceId id = model.create(spec(), 1);
    settle(id);
    return id;
  }

  /** All but lost workers are heard. */
  private void pass(Duration time) {
    model.now = model.now.plus(time);
    Set.copyOf(model.workers.keySet()).stream()
        .filter(w -> model.worker(w).link().connected())
        .forEach(w -> model.connect(w, true));
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

  /** The owner's agent tells it, also of a worker that is lost. */
  private void removedFromTheSwarm(ServiceId id) {
    step(id);
    model.removedFromTheSwarm(id);
  }

  private Placement only(ServiceId id) {
    assertThat(model.service(id).placements()).hasSize(1);
    return model.service(id).placements().getFirst();
  }

  private WorkerId worker(ServiceId id) {
    return only(id).worker();
  }

  private String name(WorkerId id) {
    return model.worker(id).name();
  }
}
