package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.ManagerPlan;
import dev.skep.controlplane.fleet.Ownership;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SwarmUpkeepTest {
  private final TestDatabase test = TestDatabase.create();
  private final LeaderLease lease = new LeaderLease(test.database());
  private final SwarmUpkeep swarms = new SwarmUpkeep(test.database(), lease, test.ids());
  private final WorkerId first = test.addWorker("w1");

  @BeforeEach
  void lead() {
    test.addWorker("w2");
    test.addWorker("w3");
    test.makeManager(first);
    test.execute(
        "update clusters set swarm_id = 'swarm', swarm_nodes ="
            + " '{\"node-w1\": {\"state\": \"ready\", \"manager\": true, \"reachable\": true}}'");
    test.execute("update container_workers set connected_since = now() - interval '1 min'");
    manager("w1");
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  @Test
  void oneManagerAfterTheOtherIsMade() {
    look();
    assertThat(wanted()).containsExactly("w1", "w2");
    look();
    assertThat(wanted()).as("one change at a time").containsExactly("w1", "w2");
    manager("w2");
    look();
    assertThat(wanted()).containsExactly("w1", "w2", "w3");
    long revision = test.number("select revision from clusters");
    manager("w3");
    assertThat(look()).isEmpty();
    assertThat(test.number("select revision from clusters")).isEqualTo(revision);
  }

  @Test
  void anotherManagerOwnsTheSwarmWhenTheOwnersSessionStaysAway() {
    List.of("w2", "w3").forEach(this::manager);
    test.execute(
        "update container_workers set connected = false, connected_since = now() - interval '3 s'"
            + " where name = 'w1'");
    long before = test.number("select owner_epoch from clusters");

    assertThat(look()).extracting(Notification::type).containsExactly("swarm_owner_changed");
    assertThat(owner()).isEqualTo("w2");
    assertThat(test.number("select owner_epoch from clusters")).isEqualTo(before + 1);
    assertThat(test.number("select owner_revision from clusters"))
        .isEqualTo(test.number("select revision from clusters"));
    assertThat(look()).isEmpty();
  }

  @Test
  void aLostQuorumIsToldOnceAndItsReturnToo() {
    List.of("w2", "w3").forEach(this::manager);
    test.execute(
        "update container_workers set connected = false, connected_since = now() - interval '20 s'"
            + " where name <> 'w3'");
    test.execute(
        "update container_workers set control_error = 'no leader', control_error_since = now()");

    assertThat(look())
        .extracting(Notification::type)
        .containsExactly("swarm_owner_changed", "swarm_quorum_lost");
    assertThat(test.list(String.class, "select control_error from clusters").getFirst())
        .contains("gone are w1, w2");
    assertThat(look()).isEmpty();
    test.execute("update container_workers set connected = true, control_error = ''");
    assertThat(look()).extracting(Notification::type).containsExactly("swarm_quorum_back");
  }

  @Test
  void aSwarmThatIsBeingRecoveredIsLeftAlone() {
    test.execute("update clusters set recovery_generation = 1");
    test.execute(
        "update container_workers set connected = false, connected_since = now() - interval '20 s'"
            + " where name = 'w1'");

    assertThat(look()).isEmpty();
    assertThat(owner()).isEqualTo("w1");
  }

  @Test
  void aLookThatChangesNothingWaitsForNobody() {
    List.of("w2", "w3").forEach(this::manager);
    look();
    look();

    // A report or a plan that holds the cluster for as long as it likes, and a fenced one the
    // lease.
    List<Notification> told =
        test.database()
            .inTransaction(
                handle -> {
                  handle.execute("select from clusters for update");
                  handle.execute("select from leases for update");
                  return CompletableFuture.supplyAsync(this::look)
                      .orTimeout(10, TimeUnit.SECONDS)
                      .join();
                });
    assertThat(told).isEmpty();
  }

  @Test
  void whoDoesNotLeadWritesNothing() {
    lease.close();

    assertThatThrownBy(this::look).isInstanceOf(LeaderLease.LeadershipLost.class);
    assertThat(wanted()).containsExactly("w1");
  }

  private List<Notification> look() {
    return swarms.look(new Rules());
  }

  private static final class Rules implements SwarmUpkeep.Rules {
    @Override
    public Ownership ownership(List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return Ownership.of(members, around, Instant.now());
    }

    @Override
    public Optional<ManagerPlan.Change> next(
        List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return ManagerPlan.next(members, around, Instant.now(), Duration.ofMinutes(2));
    }
  }

  private void manager(String name) {
    test.execute(
        "update container_workers set swarm_manager = true, manager_wanted = true where name = ?",
        name);
  }

  private List<String> wanted() {
    return test.list(
        String.class, "select name from container_workers where manager_wanted order by name");
  }

  private String owner() {
    return test.list(
            String.class,
            "select w.name from clusters c join container_workers w on w.id = c.manager_worker_id")
        .getFirst();
  }
}
