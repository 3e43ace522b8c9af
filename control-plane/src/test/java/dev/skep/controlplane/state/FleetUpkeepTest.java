package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.FleetNews;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FleetUpkeepTest {
  private final TestDatabase test = TestDatabase.create();
  private final LeaderLease lease = new LeaderLease(test.database());
  private final FleetUpkeep fleet = new FleetUpkeep(test.database(), lease, test.ids());
  private final WorkerId worker = test.addWorker("w1");

  @BeforeEach
  void lead() {
    test.addWorker("w2");
    test.addWorker("w3");
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  @Test
  void aLostWorkerIsToldOnceAndItsReturnToo() {
    place();
    assertThat(tell()).isEmpty();
    loseWorker();
    assertThat(tell())
        .singleElement()
        .satisfies(
            n -> {
              assertThat(n.type()).isEqualTo("worker_lost");
              assertThat(n.message()).contains("2 replicas of 1 service");
            });
    assertThat(tell()).isEmpty();

    test.execute(
        "update container_workers set connected = true, swarm_node_state = 'ready' where name = 'w1'");
    assertThat(tell()).extracting(Notification::type).containsExactly("worker_back");
    assertThat(test.list(String.class, "select type from notifications order by id"))
        .containsExactly("worker_lost", "worker_back");
  }

  @Test
  void pressureIsKeptAsTold() {
    test.execute(
        "update container_workers set cpu_percent = 99, disk_percent = 98,"
            + " cpu_pressure_since = now() - interval '2 min',"
            + " disk_pressure_since = now() - interval '2 min' where name = 'w1'");

    assertThat(tell()).hasSize(2);
    assertThat(tell()).isEmpty();
  }

  @Test
  void aRemovedWorkerGoesWhenItsPlacementsAreGone() {
    place();
    test.execute("update container_workers set availability = 'REMOVED' where name = 'w1'");

    fleet.releaseRemoved();
    fleet.releaseRemoved();
    assertThat(test.number("select count(*) from placements where removing and generation = 2"))
        .isEqualTo(1);
    test.execute("delete from placements");
    fleet.releaseRemoved();

    assertThat(workers()).containsExactly("w2", "w3");
  }

  @Test
  void theRowOfARemovedWorkerStaysWhileTheEndOfItsLeaseIsWaitedFor() {
    ServiceId id = place();
    test.execute("delete from placements");
    test.execute(
        "insert into volumes (id, organization_id, cluster_id, service_id, service_name, name,"
            + " worker_id, worker_name) select ?, organization_id, cluster_id, id, name, 'data', ?,"
            + " 'w1' from container_services where id = ?",
        test.ids().get(),
        worker.value(),
        id.value());
    test.execute(
        "update container_services set policy = policy"
            + " || '{\"migration\": \"AUTOMATIC\", \"dataPromise\": \"MAY_BE_LOST\"}'");
    test.execute(
        "update container_workers set availability = 'REMOVED', volume_copies_until = now(),"
            + " volume_leased = array[?::uuid] where name = 'w1'",
        id.value());

    fleet.releaseRemoved();
    assertThat(workers()).contains("w1");
    test.execute("update volumes set kept_since = now(), kept_because = 'given up'");
    fleet.releaseRemoved();

    assertThat(workers()).doesNotContain("w1");
  }

  private List<String> workers() {
    return test.list(String.class, "select name from container_workers order by name");
  }

  @Test
  void whoDoesNotLeadWritesNothing() {
    lease.close();
    loseWorker();

    assertThatThrownBy(this::tell).isInstanceOf(LeaderLease.LeadershipLost.class);
    assertThatThrownBy(fleet::releaseRemoved).isInstanceOf(LeaderLease.LeadershipLost.class);
    assertThat(test.number("select count(*) from notifications")).isZero();
  }

  private List<Notification> tell() {
    return fleet.tell(
        (cluster, workers) -> FleetNews.of(cluster, workers, Instant.now(), Duration.ofMinutes(2)));
  }

  private void loseWorker() {
    test.execute(
        "update container_workers set connected = false, swarm_node_state = 'down' where name = 'w1'");
  }

  private ServiceId place() {
    ServiceId id = test.addService(test.addOrganization("one"), "api", 2, Specs.minimal().build());
    test.execute(
        "insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
            + " release_id, replicas, restart_generation, revision, cpu_millis, memory_bytes,"
            + " pinned_node) select ?, organization_id, id, cluster_id, ?, release_id, 2, 0, 1, 1,"
            + " 1, 'node-w1' from container_services where id = ?",
        test.ids().get(),
        worker.value(),
        id.value());
    return id;
  }
}
