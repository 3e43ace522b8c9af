package dev.skep.controlplane.clusters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ClustersServiceTest {
  private final TestDatabase test = TestDatabase.create();
  private final ClustersService service = new ClustersService(test.database(), test.ids());
  private final WorkerId first = test.addWorker("w1");

  @BeforeEach
  void loseTwoOfThree() {
    test.addWorker("w2");
    test.addWorker("w3");
    test.addWorker("w4");
    test.makeManager(first);
    test.execute(
        "update clusters set swarm_id = 'swarm', control_error = 'too few managers', swarm_nodes ="
            + " '{\"node-w3\": {\"manager\": true, \"address\": \"10.0.0.3:2377\"}}'");
    test.execute("update container_workers set swarm_manager = true where name <> 'w4'");
    test.execute("update container_workers set connected = false where name in ('w1', 'w2')");
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void aManagerThatIsLeftRecoversAndTheOthersHaveToForget() {
    ClustersService.Begun begun = service.recover("", "", false);

    assertThat(begun.recovery().by().name()).isEqualTo("w3");
    assertThat(begun.recovery().newSwarm()).isFalse();
    assertThat(begun.recovery().costs()).hasSize(3).last().asString().contains("(w1, w2)");
    assertThat(begun.cluster().recovering()).isTrue();
    assertThat(begun.cluster().owner().epoch()).isEqualTo(1);
    assertThat(begun.cluster().name(begun.cluster().owner().worker())).isEqualTo("w3");
    assertThat(nodes())
        .containsExactly(
            "w1 '' forgets 'node-w1'",
            "w2 '' forgets 'node-w2'",
            "w3 'node-w3' forgets ''",
            "w4 'node-w4' forgets ''");
    assertThat(test.list(String.class, "select manager_address from clusters"))
        .containsExactly("10.0.0.3:2377");
    assertThat(test.list(String.class, "select type from notifications"))
        .containsExactly("swarm_recovery");
  }

  @Test
  void aNewSwarmIsMadeByAWorkerThatWasNoManager() {
    ClustersService.Begun begun = service.recover("default", "w4", false);

    assertThat(begun.recovery().newSwarm()).isTrue();
    assertThat(begun.cluster().swarmId()).isEmpty();
    assertThat(nodes()).allSatisfy(n -> assertThat(n).containsPattern("'' forgets 'node-w[1-4]'"));
    assertThat(test.list(String.class, "select name from container_workers where manager_wanted"))
        .containsExactly("w4");
  }

  @Test
  void aPreviewChangesNothing() {
    assertThat(service.preview("", "w3", true).recovery().newSwarm()).isTrue();

    assertThat(test.number("select recovery_generation from clusters")).isZero();
    assertThat(nodes()).allSatisfy(n -> assertThat(n).endsWith("forgets ''"));
  }

  @Test
  void whatCannotBeRecoveredIsRefused() {
    assertReason(() -> service.recover("", "w1", false), Reason.WORKER_NOT_CONNECTED);
    assertReason(() -> service.recover("", "w9", false), Reason.WORKER_NOT_FOUND);
    assertReason(() -> service.recover("other", "", false), Reason.CLUSTER_NOT_FOUND);
    test.execute("update clusters set control_error = ''");
    assertReason(() -> service.recover("", "", false), Reason.CLUSTER_WELL);
    assertThat(service.preview("", "", true).recovery().newSwarm()).isTrue();
  }

  @Test
  void ofSeveralClustersOneHasToBeNamed() {
    test.execute("insert into clusters (id, name) values (?, 'second')", test.ids().get());

    assertReason(() -> service.recover("", "", false), Reason.INVALID_FIELD);
    assertThat(service.recover("default", "", false).cluster().name()).isEqualTo("default");
  }

  private List<String> nodes() {
    return test.list(
        String.class,
        "select name || ' ''' || swarm_node_id || ''' forgets ''' || forget_node || ''''"
            + " from container_workers order by name");
  }

  private static void assertReason(ThrowingCallable call, Reason reason) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
