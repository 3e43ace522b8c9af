package dev.skep.controlplane.agentlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServicePolicy.DataPromise;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeasesTest {
  private final TestDatabase test = TestDatabase.create();
  private final Leases leases =
      new Leases(new WorkerStore(test.database()), Duration.ofSeconds(30));
  private final WorkerId worker = test.addWorker("w1");
  private final OrganizationId organization = test.addOrganization("acme");
  private final List<VolumeLease> heard = new ArrayList<>();
  private final Leases.Talk talk = new Leases.Talk(0, heard::add);

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void whatIsGrantedIsWrittenBeforeTheAgentHearsOfIt() {
    UUID id = service("db", MAY_BE_LOST);
    List<UUID> written = new ArrayList<>();
    var listening =
        new Leases.Talk(
            0,
            lease -> {
              written.addAll(leased());
              assertThat(secondsLeft()).isBetween(130L, 135L);
              heard.add(lease);
            });

    leases.ask(worker, listening, beat(7, 0, id));
    leases.flush();

    assertThat(written).containsExactly(id);
    assertThat(heard)
        .singleElement()
        .satisfies(
            lease -> {
              assertThat(lease.getHeartbeatSequence()).isEqualTo(7);
              assertThat(lease.getValidFor().getSeconds()).isEqualTo(105);
              assertThat(lease.getServiceIdsList()).containsExactly(id.toString());
            });
  }

  @Test
  void aServiceCountsOnlyWhenItsAgentHasIt() {
    UUID id = service("db", MAY_BE_LOST);

    ask(0);
    assertThat(heard.getLast().getServiceIdsList()).containsExactly(id.toString());
    assertThat(leased()).isEmpty();

    ask(1, id);
    assertThat(leased()).containsExactly(id);
  }

  @Test
  void whatWasTakenAwayCountsAgainOnlyWhenTheAgentHasHeardAllOfIt() {
    UUID id = service("db", MAY_BE_LOST);
    ask(0);
    ask(1, id);
    policy(id, ServicePolicy.DEFAULT);
    ask(2, id);
    assertThat(heard.getLast().getServiceIdsList()).isEmpty();
    assertThat(leased()).isEmpty();

    policy(id, MAY_BE_LOST);
    ask(2, id);
    assertThat(heard.getLast().getServiceIdsList()).containsExactly(id.toString());
    assertThat(leased()).as("it may have heard that the service is gone, and no more").isEmpty();
    ask(3);
    assertThat(leased()).isEmpty();

    ask(5, id);
    assertThat(leased()).containsExactly(id);
  }

  @Test
  void aShorterLeaseTakesNothingBackThatAnAgentMayCountOn() {
    UUID id = service("db", MAY_BE_LOST);
    ask(0);
    var shorter = new Leases(new WorkerStore(test.database()), Duration.ofSeconds(2));

    shorter.ask(worker, talk, beat(1, 1, id));
    shorter.flush();

    assertThat(heard.getLast().getValidFor().getSeconds()).isEqualTo(15);
    assertThat(secondsLeft()).isBetween(130L, 135L);
  }

  @Test
  void anOlderSessionIsGrantedNothing() {
    UUID id = service("db", MAY_BE_LOST);
    test.execute("update container_workers set session_epoch = 1 where id = ?", worker.value());

    ask(0, id);

    assertThat(heard).isEmpty();
    assertThat(leased()).isEmpty();
  }

  @Test
  void whoKeepsItsDataOrHasNoneHasNoLease() {
    service("db", ServicePolicy.DEFAULT);
    UUID stateless = service("web", MAY_BE_LOST);
    test.execute(
        "update releases set spec = ?::jsonb where service_id = ?",
        Json.write(Specs.minimal().build()),
        stateless);

    ask(0);

    assertThat(heard).isEmpty();
    assertThat(
            test.number(
                "select count(*) from container_workers where volume_copies_until is not null"))
        .isZero();
  }

  private static final ServicePolicy MAY_BE_LOST =
      new ServicePolicy(
          ServicePolicy.Strategy.SPREAD,
          Migration.AUTOMATIC,
          DataPromise.MAY_BE_LOST,
          ServicePolicy.Rollout.DEFAULT,
          0);

  /** A heartbeat of an agent that took in the lease of this number last. */
  private void ask(long number, UUID... held) {
    leases.ask(worker, talk, beat(number, number, held));
    leases.flush();
  }

  private static Heartbeat beat(long sequence, long number, UUID... held) {
    return Heartbeat.newBuilder()
        .setSequence(sequence)
        .setLeaseNumber(number)
        .addLeasedServiceIds("not an id")
        .addAllLeasedServiceIds(Stream.of(held).map(UUID::toString).toList())
        .build();
  }

  private UUID service(String name, ServicePolicy policy) {
    ServiceId id = test.addService(organization, name, 1, Specs.minimal().volumes("/data").build());
    policy(id.value(), policy);
    test.execute(
        "insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)"
            + " values (?, ?, ?, ?, ?, 'data', ?, 'w1')",
        test.ids().get(),
        organization.value(),
        test.cluster().value(),
        id.value(),
        name,
        worker.value());
    return id.value();
  }

  private void policy(UUID service, ServicePolicy policy) {
    test.execute(
        "update container_services set policy = ?::jsonb where id = ?",
        Json.write(policy),
        service);
  }

  private List<UUID> leased() {
    return test.list(
        UUID.class,
        "select unnest(volume_leased) from container_workers where id = ?",
        worker.value());
  }

  private long secondsLeft() {
    return test.number(
        "select extract(epoch from volume_copies_until - now())::bigint from container_workers where id = ?",
        worker.value());
  }
}
