package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What counts of a service follows from the rows that say what is wanted and what was seen. */
final class MeterTest {
  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId acme = test.addOrganization("acme");
  private final WorkerId w1 = test.addWorker("w1");
  private final WorkerId w2 = test.addWorker("w2");
  private final ServiceId web =
      test.addService(acme, "web", 2, Specs.minimal().cpu(500).volumes("/data").build());

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void replicasCountWhileTheyRunAndAreWanted() {
    UUID first = place(w1);
    assertCounted(0);
    run(first, 1);
    assertCounted(1);
    UUID second = place(w2);
    run(second, 2);
    assertCounted(2);

    test.execute("update container_services set replicas = 3");
    assertCounted(3);
    test.execute("update placements set removing = true where id = ?", first);
    assertCounted(2);
    test.execute("update container_services set wanted = 'STOPPED'");
    assertCounted(0);
    test.execute("update container_services set wanted = 'RUNNING'");
    assertCounted(2);
    test.execute("delete from placements where id = ?", second);
    assertCounted(0);
  }

  @Test
  void aWorkerThatIsLostStopsCountingAndOneThatIsOnlySilentDoesNot() {
    run(place(w1), 1);
    run(place(w2), 1);
    test.execute("update container_workers set connected = false where id = ?", w1.value());
    assertCounted(2);
    test.execute("update container_workers set swarm_node_state = 'down' where id = ?", w1.value());
    assertCounted(1);
    test.execute("update container_workers set connected = true where id = ?", w1.value());
    assertCounted(2);
  }

  @Test
  void intervalsOfAServiceNeitherOverlapNorLeaveAGap() throws InterruptedException {
    UUID placement = place(w1);
    for (int i = 1; i <= 6; i++) {
      run(placement, i % 2 + 1);
      // Times are whole seconds.
      Thread.sleep(400);
    }

    assertThat(test.number("select count(*) from usage_intervals")).isBetween(1L, 3L);
    assertThat(
            test.number(
                """
                select count(*) from (
                  select ended_at, lead(started_at, 1, (select since from meters)) over (order by started_at) as next
                  from usage_intervals) i
                where ended_at <> next
                """))
        .isZero();
  }

  @Test
  void storageCountsUntilTheDataIsDeleted() {
    UUID volume = test.ids().get();
    test.execute(
        "insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)"
            + " values (?, ?, ?, ?, 'web', 'data', ?, 'w1')",
        volume,
        acme.value(),
        test.cluster().value(),
        web.value(),
        w1.value());
    assertThat(storage()).isEqualTo(10_240);

    test.execute("delete from container_deployments");
    test.execute("delete from container_services");
    assertThat(storage()).isEqualTo(10_240);
    test.execute("delete from volumes");
    assertThat(storage()).isZero();
  }

  @Test
  void bytesAreCountedOnceAndNoFasterThanTheyCanBeSent() {
    UUID placement = place(w1);
    sent(placement, 1_000);
    assertThat(egress()).isEqualTo(1_000);
    sent(placement, 5_000);
    assertThat(egress()).isEqualTo(5_000);
    sent(placement, 200);
    assertThat(egress()).as("the container began anew").isEqualTo(5_200);
    sent(placement, Long.MAX_VALUE);
    assertThat(egress()).isLessThan(5_200 + 4L * 1_250_000_000);
  }

  private void sent(UUID placement, long bytes) {
    test.execute(
        """
        insert into container_usage (container_id, worker_id, placement_id, cpu_nanos, memory_bytes, network_rx_bytes,
                                     network_tx_bytes, observed_at)
        values ('c', ?, ?, 0, 0, 0, ?, now())
        on conflict (container_id) do update
        set network_tx_bytes = excluded.network_tx_bytes, counted_at = clock_timestamp()
        """,
        w1.value(),
        placement,
        bytes);
  }

  private long egress() {
    return test.number("select sum(quantity)::bigint from usage_counters");
  }

  private UUID place(WorkerId worker) {
    UUID id = test.ids().get();
    test.execute(
        """
        insert into placements (id, organization_id, service_id, cluster_id, worker_id, release_id, replicas,
                                restart_generation, revision, cpu_millis, memory_bytes, pinned_node)
        select ?, s.organization_id, s.id, s.cluster_id, ?, s.release_id, 2, 0, 1, 500, 1, 'n' from container_services s
        """,
        id,
        worker.value());
    return id;
  }

  /** As an agent's report leaves it. */
  private void run(UUID placement, int replicas) {
    String task = "{\"wanted\": true, \"state\": \"running\"}";
    String ended = "{\"wanted\": false, \"state\": \"shutdown\"}";
    test.execute(
        "update placements set observed_tasks = ?::jsonb where id = ?",
        "[" + (task + ",").repeat(replicas) + ended + "]",
        placement);
  }

  private long storage() {
    return test.number("select storage_mib from meters where service_id = ?", web.value());
  }

  private void assertCounted(int replicas) {
    assertThat(test.number("select replicas from meters where service_id = ?", web.value()))
        .isEqualTo(replicas);
    assertThat(test.number("select cpu_millis from meters where service_id = ?", web.value()))
        .isEqualTo(replicas * 500L);
    assertThat(test.number("select memory_mib from meters where service_id = ?", web.value()))
        .isEqualTo(replicas * 256L);
  }
}
