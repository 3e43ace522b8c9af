package dev.skep.controlplane.workers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.WorkerState;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.v1.DrainWorkerRequest;
import dev.skep.v1.UpdateWorkerRequest;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WorkersServiceTest {
  private static final java.time.Duration TIMEOUT = java.time.Duration.ofMinutes(2);

  private final TestDatabase test = TestDatabase.create();
  private final Instant now = Instant.now();
  private final WorkersService service = new WorkersService(test.database(), () -> now, TIMEOUT);
  private final WorkerId worker = test.addWorker("w1");

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void aCordonedWorkerTakesNothingUntilItIsUncordoned() {
    assertThat(service.cordon("w1").worker().open(now, TIMEOUT)).isFalse();
    assertThat(service.uncordon(worker.toString()).worker().open(now, TIMEOUT)).isTrue();
  }

  @Test
  void aDrainHasADeadlineAndCanBeTakenBack() {
    var drain =
        DrainWorkerRequest.newBuilder()
            .setDeadline(Duration.newBuilder().setSeconds(600))
            .setForce(true);

    Upkeep drained = service.drain("w1", DrainTerms.of(drain.build())).worker().upkeep();
    Upkeep after = service.uncordon("w1").worker().upkeep();

    assertThat(drained.availability()).isEqualTo(Upkeep.Availability.DRAINING);
    assertThat(drained.deadline()).isBetween(now.plusSeconds(599), now.plusSeconds(601));
    assertThat(drained.force()).isTrue();
    assertThat(after).isEqualTo(Upkeep.NONE);
  }

  @Test
  void wrongTermsOfADrainAreNamed() {
    assertFields(
        () -> DrainTerms.of(DrainWorkerRequest.newBuilder().setForce(true).build()), "force");
    assertFields(
        () ->
            DrainTerms.of(
                DrainWorkerRequest.newBuilder()
                    .setDeadline(Duration.newBuilder().setSeconds(8 * 86_400))
                    .build()),
        "deadline");
  }

  @Test
  void anUpdateChangesWhatTheMaskNames() {
    var update =
        UpdateWorkerRequest.newBuilder()
            .setWorker("w1")
            .putLabels("zone", "a")
            .addTaints("gpu")
            .setUpdateMask(FieldMask.newBuilder().addPaths("labels"));

    WorkerRecord labelled = service.update(WorkerUpdate.of(update.build()));
    update.setUpdateMask(FieldMask.newBuilder().addPaths("taints")).clearLabels();
    WorkerRecord tainted = service.update(WorkerUpdate.of(update.build()));

    assertThat(labelled.worker().labels()).isEqualTo(Map.of("zone", "a"));
    assertThat(labelled.worker().taints()).isEmpty();
    assertThat(tainted.worker().labels()).isEqualTo(Map.of("zone", "a"));
    assertThat(tainted.worker().taints()).isEqualTo(Set.of("gpu"));
    assertThat(tainted.etag()).isNotEqualTo(labelled.etag());
  }

  @Test
  void aLostUpdateIsRefusedAndAWrongOneNamesItsFields() {
    var update =
        UpdateWorkerRequest.newBuilder()
            .setWorker("w1")
            .putLabels("zone", "a b")
            .setUpdateMask(FieldMask.newBuilder().addPaths("labels").addPaths("name"));

    assertFields(() -> WorkerUpdate.of(update.build()), "update_mask", "labels[zone]");
    update
        .putLabels("zone", "a")
        .setUpdateMask(FieldMask.newBuilder().addPaths("labels"))
        .setEtag("old");
    assertReason(Reason.ETAG_MISMATCH, () -> service.update(WorkerUpdate.of(update.build())));
  }

  @Test
  void aFreshCertificateIsAskedFor() {
    assertThat(service.rotateCertificate("w1").renewing()).isTrue();
  }

  @Test
  void anEmptyWorkerGoesAtOnce() {
    assertThat(service.delete("w1", WorkersService.Removal.ONLY_EMPTY)).isZero();
    assertThat(test.number("select count(*) from container_workers")).isZero();
    assertReason(Reason.WORKER_NOT_FOUND, () -> service.cordon("w1"));
  }

  @Test
  void aWorkerWithReplicasIsRemovedOnlyWhenItIsLostAndOnlyByForce() {
    place();
    assertReason(
        Reason.WORKER_IN_USE, () -> service.delete("w1", WorkersService.Removal.WITH_REPLICAS));
    test.execute("update container_workers set connected = false, swarm_node_state = 'down'");
    assertReason(
        Reason.WORKER_IN_USE, () -> service.delete("w1", WorkersService.Removal.ONLY_EMPTY));

    assertThat(service.delete("w1", WorkersService.Removal.WITH_REPLICAS)).isEqualTo(2);
    assertThat(test.database().read(h -> WorkerQueries.find(h, "w1")).worker().state(now, TIMEOUT))
        .isEqualTo(WorkerState.REMOVED);
    assertReason(Reason.WORKER_REMOVED, () -> service.uncordon("w1"));
    assertThat(service.delete("w1", WorkersService.Removal.WITH_REPLICAS)).isEqualTo(2);
  }

  @Test
  void aWorkerWithVolumesIsRemovedOnlyByForce() {
    place();
    test.execute(
        "insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)"
            + " select gen_random_uuid(), organization_id, cluster_id, service_id, 'api', 'data', worker_id, 'w1'"
            + " from placements");
    test.execute("delete from placements");
    assertReason(
        Reason.WORKER_IN_USE, () -> service.delete("w1", WorkersService.Removal.ONLY_EMPTY));

    assertThat(service.delete("w1", WorkersService.Removal.WITH_REPLICAS)).isZero();
    assertThat(test.number("select count(*) from volumes")).isEqualTo(1);
  }

  private void place() {
    OrganizationId organization = test.addOrganization("one");
    ServiceId id = test.addService(organization, "api", 2, Specs.minimal().build());
    test.execute(
        "insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
            + " release_id, replicas, restart_generation, revision, cpu_millis, memory_bytes,"
            + " pinned_node) select ?, organization_id, id, cluster_id, ?, release_id, 2, 0, 1, 1,"
            + " 1, 'node-w1' from container_services where id = ?",
        test.ids().get(),
        worker.value(),
        id.value());
    test.execute("update container_workers set replicas = 2");
  }

  private static void assertReason(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static void assertFields(ThrowingCallable call, String... fields) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> assertThat(e.fields()).extracting(FieldViolation::field).containsExactly(fields));
  }
}
