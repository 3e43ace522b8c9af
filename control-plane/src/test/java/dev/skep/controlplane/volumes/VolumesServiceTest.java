package dev.skep.controlplane.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Mount;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.StatusReport;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.ingest.StatusIngest;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Reach;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.v1.Permission;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the row that a placement brings to the one that an agent's word takes away. */
final class VolumesServiceTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  @TempDir private Path directory;
  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId one = test.addOrganization("one");
  private final OrganizationId two = test.addOrganization("two");
  private final WorkerId manager = test.addWorker("w1");
  private final WorkerId other = test.addWorker("w2");
  private final LeaderLease lease = new LeaderLease(test.database());
  private final ClusterState state = new ClusterState(test.database(), lease, test.ids());
  private final VolumesService volumes = new VolumesService(test.database());

  @BeforeEach
  void lead() {
    lease.start();
    test.makeManager(manager);
    test.execute("update container_workers set availability = 'CORDONED' where name = 'w1'");
  }

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  private Caller in(OrganizationId organization) {
    return new Caller(
        new UserId(test.ids().get()),
        "ada",
        "laptop",
        organization,
        "",
        Reach.everywhere(
            Set.of(Permission.PERMISSION_SERVICES_READ, Permission.PERMISSION_SERVICES_WRITE),
            false),
        Optional.empty());
  }

  @Test
  void theReplicaThatIsPlacedFirstBringsItsVolumesAndTheyAreMounted() {
    placed();

    VolumeRecord volume = only();
    assertThat(volume.worker()).isEqualTo(other);
    assertThat(volume.state()).isEqualTo(VolumeRecord.State.IN_USE);
    assertThat(volume.reason()).isEqualTo("used by service db, release 1");
    Mount mount = placement().getPlacement().getWorkload().getMounts(0);
    assertThat(mount.getType()).isEqualTo("volume");
    assertThat(mount.getTarget()).isEqualTo("/data");
    assertThat(mount.getVolumeId()).isEqualTo(volume.id().toString());
    assertThat(mount.getSource()).matches("skep-[0-9a-z]+");
    assertThat(placement().getPlacement().getStopFirst()).isTrue();
    assertThat(placement().getPlacement().getNodeId()).isEqualTo("node-w2");
  }

  @Test
  void aSecondPassBringsNoSecondVolume() {
    ServiceId id = placed();
    test.execute("update container_services set restart_generation = 1");
    pass(id);
    pass(id);

    assertThat(volumes.list(in(one), new UUID(0, 0), 10)).hasSize(1);
  }

  @Test
  void whatIsUsedIsNotDeletedAndItIsSaidByWhom() {
    placed();

    assertThatThrownBy(() -> volumes.delete(in(one), "db.data"))
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.VOLUME_IN_USE);
              assertThat(e.getMessage()).contains("used by service db, release 1");
            });
    assertThat(only().removing()).isFalse();
  }

  @Test
  void anotherOrganizationSeesNothing() {
    placed();

    assertThat(volumes.list(in(two), new UUID(0, 0), 10)).isEmpty();
    assertThatThrownBy(() -> volumes.get(in(two), only().id().toString()))
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.VOLUME_NOT_FOUND));
    assertThatThrownBy(() -> volumes.delete(in(two), "db.data")).isInstanceOf(Refusal.class);
  }

  @Test
  void aDeletedServiceLeavesItsVolumeUntilSomebodyDeletesIt() throws Exception {
    ServiceId id = placed();
    deleteService(id);
    assertThat(test.number("select count(*) from container_services")).isZero();
    VolumeRecord kept = only();
    assertThat(kept.state()).isEqualTo(VolumeRecord.State.KEPT);
    assertThat(kept.reason()).isEqualTo("its service was deleted");
    assertThat(kept.keptUntil(Duration.ofDays(30))).isAfter(Instant.now().plusSeconds(86_400));
    assertThat(removals(other)).isEmpty();

    volumes.delete(in(one), kept.id().toString());
    volumes.delete(in(one), kept.id().toString());

    assertThat(only().state()).isEqualTo(VolumeRecord.State.REMOVING);
    assertThat(removals(manager)).isEmpty();
    Assignment removal = removals(other).getFirst();
    assertThat(removal.getVolumeRemoval().getObjectName()).startsWith("skep-");
    report(manager, removal, ObjectStatus.State.STATE_APPLIED, "");
    report(other, removal, ObjectStatus.State.STATE_PENDING, "a container has it");
    assertThat(only().reason()).isEqualTo("a container has it");
    report(other, removal, ObjectStatus.State.STATE_APPLIED, "");
    assertThat(volumes.list(in(one), new UUID(0, 0), 10)).isEmpty();
  }

  @Test
  void whatIsKeptLongEnoughIsDeletedAndNothingElse() {
    deleteService(placed());
    VolumeRetention retention = new VolumeRetention(test.database(), Duration.ofDays(30));
    retention.apply();
    assertThat(only().removing()).isFalse();
    test.execute("update volumes set kept_since = now() - interval '31 days'");
    retention.apply();
    assertThat(only().state()).isEqualTo(VolumeRecord.State.REMOVING);
    assertThat(removals(other)).hasSize(1);
  }

  @Test
  void theNextServiceOfTheNameBeginsWithAnEmptyVolume() {
    deleteService(placed());
    placed();

    List<VolumeRecord> all = volumes.list(in(one), new UUID(0, 0), 10);
    assertThat(all)
        .extracting(VolumeRecord::state)
        .containsExactly(VolumeRecord.State.KEPT, VolumeRecord.State.IN_USE);
    assertThat(volumes.get(in(one), "db.data").state()).isEqualTo(VolumeRecord.State.IN_USE);
  }

  @Test
  void dataThatIsGivenUpStaysBehindAndTheNextCopyBeginsEmpty() {
    ServiceId id = placed();
    test.execute("update container_workers set availability = 'ACTIVE' where name = 'w1'");
    test.execute(
        "update container_workers set connected = false, swarm_node_state = 'down',"
            + " connected_since = now() - interval '1 minute' where name = 'w2'");
    pass(id);
    assertThat(test.list(Integer.class, "select replicas from placements")).containsExactly(0);
    assertThat(test.list(String.class, "select waiting_for from container_services").getFirst())
        .contains("waits for worker w2, which is lost");
    test.execute("update container_services set abandon_requested_at = now()");

    pass(id);
    test.execute(
        "update placements set observed_state = 'REMOVED', observed_generation = generation");
    pass(id);
    pass(id);

    assertThat(volumes.list(in(one), new UUID(0, 0), 10))
        .extracting(VolumeRecord::state, VolumeRecord::worker)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(VolumeRecord.State.KEPT, other),
            org.assertj.core.groups.Tuple.tuple(VolumeRecord.State.IN_USE, manager));
    assertThat(
            test.number(
                "select count(*) from container_services where abandon_requested_at is not null"))
        .isZero();
    assertThat(test.list(String.class, "select type from notifications"))
        .contains("volumes_left_behind");
  }

  private ServiceId placed() {
    ServiceId id = test.addService(one, "db", 1, Specs.minimal().volumes("/data").build());
    pass(id);
    test.execute("update worker_images set observed_state = 'APPLIED'");
    return id;
  }

  private void deleteService(ServiceId id) {
    test.execute("update container_services set wanted = 'DELETED'");
    pass(id);
    test.execute(
        "update placements set observed_state = 'REMOVED', observed_generation = generation");
    pass(id);
  }

  private void pass(ServiceId id) {
    var _ =
        state.advance(
            List.of(id),
            snapshot -> {
              var situation = snapshot.situation(test.cluster(), Instant.now(), TIMEOUT);
              return snapshot.services().stream().map(v -> Reconciler.step(v, situation)).toList();
            });
  }

  private VolumeRecord only() {
    List<VolumeRecord> all = volumes.list(in(one), new UUID(0, 0), 10);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private Assignment placement() {
    return assignments(manager).stream().filter(Assignment::hasPlacement).findFirst().orElseThrow();
  }

  private List<Assignment> removals(WorkerId worker) {
    return assignments(worker).stream().filter(Assignment::hasVolumeRemoval).toList();
  }

  private List<Assignment> assignments(WorkerId worker) {
    MasterKey key = MasterKey.open(directory.resolve("master.key"));
    return new AssignmentReader(test.database(), key).complete(worker).orElseThrow().getPutList();
  }

  private void report(
      WorkerId worker, Assignment assignment, ObjectStatus.State state, String message)
      throws Exception {
    MasterKey key = MasterKey.open(directory.resolve("master.key"));
    try (StatusIngest ingest = new StatusIngest(test.database(), key)) {
      ingest.start();
      var stored = new java.util.concurrent.CountDownLatch(1);
      var status =
          ObjectStatus.newBuilder()
              .setAssignmentId(assignment.getId())
              .setGeneration(assignment.getGeneration())
              .setState(state)
              .setMessage(message);
      ingest.offer(
          worker, 0, StatusReport.newBuilder().addObjects(status).build(), stored::countDown);
      assertThat(stored.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    }
  }
}
