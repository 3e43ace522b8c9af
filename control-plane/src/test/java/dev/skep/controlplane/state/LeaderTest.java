package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.reconcile.ServicePlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LeaderTest {
  private final TestDatabase test = TestDatabase.create();
  private final LeaderLease first = new LeaderLease(test.database());
  private final LeaderLease second = new LeaderLease(test.database());

  @AfterEach
  void close() {
    first.close();
    second.close();
    test.close();
  }

  @Test
  void onlyOneLeads() {
    first.start();
    second.start();

    assertThat(first.epoch()).isEqualTo(1);
    assertThat(second.epoch()).isZero();
    assertThatThrownBy(() -> test.database().useTransaction(second::fence))
        .isInstanceOf(LeaderLease.LeadershipLost.class);
  }

  @Test
  void whoGivesUpIsFollowedAtOnceInAHigherEpoch() {
    first.start();
    first.close();
    second.start();

    assertThat(second.epoch()).isEqualTo(2);
  }

  @Test
  void anExpiredLeaseIsTakenAndItsHolderWritesNothingMore() {
    OrganizationId organization = test.addOrganization("one");
    test.addWorker("w1");
    ServiceId service = test.addService(organization, "api", 1, Specs.minimal().build());
    first.start();
    test.execute("update leases set expires_at = clock_timestamp() - interval '1 second'");
    second.start();
    ClusterState stale = new ClusterState(test.database(), first, test.ids());

    assertThat(first.epoch()).as("it does not know yet").isEqualTo(1);
    assertThat(second.epoch()).isEqualTo(2);
    assertThatThrownBy(() -> stale.advance(List.of(service), LeaderTest::plan))
        .isInstanceOf(LeaderLease.LeadershipLost.class);
    assertThat(test.number("select count(*) from placements")).isZero();
    assertThat(test.number("select count(*) from deployment_events")).isZero();

    new ClusterState(test.database(), second, test.ids())
        .advance(List.of(service), LeaderTest::plan);
    assertThat(test.number("select count(*) from placements")).isEqualTo(1);
  }

  @Test
  void aPlanIsWrittenWithItsEventsRevisionAndReservations() {
    OrganizationId organization = test.addOrganization("one");
    test.addWorker("w1");
    ServiceId service = test.addService(organization, "api", 3, Specs.minimal().cpu(500).build());
    first.start();
    ClusterState state = new ClusterState(test.database(), first, test.ids());
    assertThat(state.unsettled()).containsExactly(service);

    assertThat(state.advance(List.of(service), LeaderTest::plan)).hasSize(1);
    assertThat(state.advance(List.of(service), LeaderTest::plan)).as("nothing new").isEmpty();

    assertThat(test.number("select reserved_cpu_millis from container_workers")).isEqualTo(1_500);
    assertThat(test.number("select replicas from container_workers")).isEqualTo(3);
    assertThat(test.number("select revision from clusters")).isEqualTo(2);
    assertThat(test.number("select revision from placements")).isEqualTo(2);
    assertThat(test.list(String.class, "select message from deployment_events order by sequence"))
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("Deployment is deploying"),
            then -> assertThat(then).startsWith("Deployment is deploying: w1 pulls "));
    assertThat(test.list(String.class, "select pinned_node from placements"))
        .containsExactly("node-w1");
  }

  @Test
  void aStoppedServiceIsSettledWhenItsPlacementsAreGone() {
    OrganizationId organization = test.addOrganization("one");
    test.addWorker("w1");
    ServiceId service = test.addService(organization, "api", 1, Specs.minimal().build());
    first.start();
    ClusterState state = new ClusterState(test.database(), first, test.ids());
    assertThat(state.advance(List.of(service), LeaderTest::plan)).hasSize(1);
    test.execute("update container_deployments set ended_at = now()");
    assertThat(state.unsettled()).isEmpty();

    test.execute("update container_services set wanted = 'STOPPED'");
    assertThat(state.unsettled()).containsExactly(service);
    test.execute("delete from placements");
    assertThat(state.unsettled()).isEmpty();
  }

  @Test
  void aDeletedServiceLeavesNothingBehind() {
    OrganizationId organization = test.addOrganization("one");
    test.addWorker("w1");
    ServiceId service = test.addService(organization, "api", 1, Specs.minimal().build());
    first.start();
    ClusterState state = new ClusterState(test.database(), first, test.ids());
    state.advance(List.of(service), LeaderTest::plan);
    test.execute("update container_services set wanted = 'DELETED'");
    state.advance(List.of(service), LeaderTest::plan);
    assertThat(test.number("select count(*) from placements where removing")).isEqualTo(1);
    test.execute("update placements set observed_state = 'REMOVED'");
    state.advance(List.of(service), LeaderTest::plan);

    for (String table :
        List.of(
            "container_services",
            "releases",
            "container_deployments",
            "placements",
            "deployment_events")) {
      assertThat(test.number("select count(*) from " + table)).as(table).isZero();
    }
    assertThat(test.number("select reserved_cpu_millis from container_workers")).isZero();
    assertThat(state.all()).isEmpty();
  }

  @Test
  void aLeaderKeepsItsEpochWhileItRenews() {
    first.start();
    long expires = test.number("select extract(epoch from expires_at) * 1000 from leases");

    Await.until(
        "the lease is renewed",
        () -> test.number("select extract(epoch from expires_at) * 1000 from leases") > expires);
    assertThat(first.epoch()).isEqualTo(1);
  }

  @Test
  void aFollowerLeadsSoonAfterTheLeaseHasEnded() {
    first.start();
    second.start();
    test.execute(
        "update leases set expires_at = clock_timestamp() + interval '100 milliseconds', holder = ?",
        UUID.randomUUID());

    long began = System.nanoTime();
    Await.until("the other leads", () -> second.epoch() == 2 || first.epoch() == 2);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void aLeaderThatCannotRenewKnowsThatItLeadsNoMore() {
    TestDatabase gone = TestDatabase.create();
    try (LeaderLease cutOff = new LeaderLease(gone.database())) {
      cutOff.start();
      assertThat(cutOff.epoch()).isEqualTo(1);
      gone.close();

      Await.until("it does not think that it leads", () -> cutOff.epoch() == 0);
    }
  }

  @Test
  void aTransactionThatDoesNothingDoesNotHoldOffTheNextLeader() {
    first.renew();
    assertThatThrownBy(
            () ->
                test.database()
                    .useTransaction(
                        frozen -> {
                          first.fence(frozen);
                          second.start();
                          Await.until("the next leader", () -> second.epoch() == 2);
                        }))
        .isInstanceOf(Refusal.class);
  }

  @Test
  void anEpochThatTheDatabaseForgotIsPassed() {
    first.start();
    test.database().useTransaction(h -> LeaderLease.raiseAbove(h, 41));

    Await.until("it leads in a higher epoch", () -> first.epoch() == 42);
    test.database().useTransaction(first::fence);
    test.database().useTransaction(h -> LeaderLease.raiseAbove(h, Long.MAX_VALUE));
    assertThat(test.number("select epoch from leases")).isEqualTo(42);
  }

  private static List<ServicePlan> plan(Snapshot snapshot) {
    Instant now = Instant.now();
    return snapshot.services().stream()
        .map(
            view ->
                Reconciler.step(
                    view, snapshot.situation(view.cluster(), now, Duration.ofMinutes(2))))
        .toList();
  }
}
