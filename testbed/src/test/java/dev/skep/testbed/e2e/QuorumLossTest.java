package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.v1.Cluster;
import dev.skep.v1.CordonWorkerRequest;
import dev.skep.v1.RecoverClusterRequest;
import dev.skep.v1.RecoverClusterResponse;
import dev.skep.v1.Resources;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import dev.skep.v1.UncordonWorkerRequest;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two of three managers die: what runs on the third goes on, the status says what is wrong, and a
 * recovery brings every service back.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class QuorumLossTest {
  private static final int OTHERS = 6;

  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  private final Api api = skep.api();
  private final LabHost survivor = skep.lab().hosts().getLast();
  private final List<LabHost> dead = skep.lab().hosts().subList(0, 2);

  @Test
  void whatRunsGoesOnWithoutAQuorumAndARecoveryBringsTheRestBack() {
    skep.awaitManagers(3);
    createAll();
    var before = onSurvivor("web");

    dead.forEach(this::kill);
    Cluster lost =
        Await.seconds(60)
            .until("the status explains", api::cluster, c -> c.getControlError().contains("gone"));
    assertThat(lost.getControlError()).contains(dead.get(0).name()).contains(dead.get(1).name());
    assertThat(lost.getAdvice()).contains("skep cluster recover");
    assertThat(lost.getManagersNeeded()).isEqualTo(2);
    assertGoesOn(before);

    long start = System.nanoTime();
    recover(true);
    assertThat(api.cluster().getRecovering()).isFalse();
    RecoverClusterResponse recovery = recover(false);
    assertThat(recovery.getWorkerName()).isEqualTo(survivor.name());
    assertThat(recovery.getCosts(0)).contains("nothing is deployed");
    Await.seconds(60)
        .until(
            "the Swarm can be changed again",
            api::cluster,
            c -> !c.getRecovering() && c.getControlError().isEmpty());
    System.out.printf("recovered in %d ms%n", millisSince(start));
    Await.seconds(90).until("every service runs", this::notRunning, List::isEmpty);
    System.out.printf("every service ran again after %d ms%n", millisSince(start));
    dead.forEach(this::bringBack);
    skep.awaitOnline();
    skep.awaitManagers(3);
    Await.seconds(60).until("nothing runs twice", this::containers, n -> n == OTHERS + 2);
    assertThat(notRunning()).isEmpty();
  }

  private void createAll() {
    var small = Resources.newBuilder().setCpuMillis(50).setMemoryBytes(32 << 20);
    dead.forEach(
        h ->
            api.workers()
                .cordonWorker(CordonWorkerRequest.newBuilder().setWorker(h.name()).build()));
    api.run("web", skep.specs().web("v1", 1).setResources(small).build());
    api.run("client", skep.specs().client("web").setResources(small).build());
    dead.forEach(
        h ->
            api.workers()
                .uncordonWorker(UncordonWorkerRequest.newBuilder().setWorker(h.name()).build()));
    var spec = skep.specs().web("v1", 1).setResources(small).build();
    IntStream.range(0, OTHERS).forEach(i -> api.create("other-" + i, spec));
    Await.seconds(90).until("every service runs", this::notRunning, List::isEmpty);
  }

  private void kill(LabHost host) {
    skep.agent(host.name()).kill9();
    host.powerOff();
  }

  private void bringBack(LabHost host) {
    host.powerOn();
    skep.agent(host.name()).start();
  }

  private void assertGoesOn(List<Engines.Running> before) {
    int asked = answers().size();
    Await.seconds(30).until("the client goes on", () -> answers().size(), n -> n > asked + 10);
    assertThat(answers()).allSatisfy(answer -> assertThat(answer).endsWith(" v1"));
    assertThat(onSurvivor("web")).isEqualTo(before);
  }

  private List<Engines.Running> onSurvivor(String service) {
    return skep.engines().running(api.get(service).getId(), List.of(survivor.name()));
  }

  private RecoverClusterResponse recover(boolean preview) {
    return api.clusters()
        .recoverCluster(RecoverClusterRequest.newBuilder().setValidateOnly(preview).build());
  }

  private List<String> notRunning() {
    return api.listServices().stream()
        .filter(
            s ->
                s.getStatus().getState() != ServiceState.SERVICE_STATE_RUNNING
                    || s.getStatus().getReplicasRunning() != 1)
        .map(s -> s.getName() + ": " + s.getStatus())
        .toList();
  }

  private int containers() {
    return api.listServices().stream()
        .map(Service::getId)
        .mapToInt(id -> skep.engines().running(id).size())
        .sum();
  }

  private List<String> answers() {
    return api.allLogs("client").stream().map(line -> line.getText()).toList();
  }

  private static long millisSince(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }
}
