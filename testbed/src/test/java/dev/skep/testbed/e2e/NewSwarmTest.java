package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.v1.Cluster;
import dev.skep.v1.RecoverClusterRequest;
import dev.skep.v1.RecoverClusterResponse;
import dev.skep.v1.ServiceState;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The only manager dies with all that its Swarm knew: a worker makes a new Swarm, and networks and
 * services come back from the database alone.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NewSwarmTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(2);

  private final Api api = skep.api();

  @Test
  void everythingComesBackFromTheDatabaseAlone() {
    LabHost manager = host(skep.engines().managerHost());
    api.run("web", skep.specs().web("v1", 2).build());
    api.run("client", skep.specs().client("web").build());
    String swarm = api.cluster().getSwarmId();

    skep.agent(manager.name()).kill9();
    manager.powerOff();
    Await.seconds(60)
        .until("the status explains", api::cluster, c -> c.getControlError().contains("gone"));
    long start = System.nanoTime();
    RecoverClusterResponse recovery =
        api.clusters().recoverCluster(RecoverClusterRequest.getDefaultInstance());
    assertThat(recovery.getNewSwarm()).isTrue();
    assertThat(recovery.getCosts(0)).contains("stop and start again");
    Cluster anew =
        Await.seconds(60)
            .until(
                "there is a new Swarm",
                api::cluster,
                c -> !c.getRecovering() && c.getControlError().isEmpty());
    assertThat(anew.getSwarmId()).isNotEqualTo(swarm);
    Await.seconds(90).until("every service runs", this::notRunning, List::isEmpty);
    System.out.printf(
        "every service ran in a new Swarm after %d ms%n", (System.nanoTime() - start) / 1_000_000);
    int asked = answers().size();
    Await.seconds(30).until("the client is answered", () -> answers().size(), n -> n > asked + 10);
    assertThat(answers().subList(asked + 5, asked + 10))
        .allSatisfy(answer -> assertThat(answer).endsWith(" v1"));

    manager.powerOn();
    skep.agent(manager.name()).start();
    skep.awaitOnline();
    Await.seconds(60).until("nothing runs twice", this::containers, n -> n == 3);
    assertThat(notRunning()).isEmpty();
    skep.clear();
  }

  private LabHost host(String name) {
    return skep.lab().hosts().stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
  }

  private List<String> notRunning() {
    return api.listServices().stream()
        .filter(
            s ->
                s.getStatus().getState() != ServiceState.SERVICE_STATE_RUNNING
                    || s.getStatus().getReplicasRunning() != s.getSpec().getReplicas())
        .map(s -> s.getName() + ": " + s.getStatus())
        .toList();
  }

  private int containers() {
    return api.listServices().stream()
        .mapToInt(s -> skep.engines().running(s.getId()).size())
        .sum();
  }

  private List<String> answers() {
    return api.allLogs("client").stream().map(line -> line.getText()).toList();
  }
}
