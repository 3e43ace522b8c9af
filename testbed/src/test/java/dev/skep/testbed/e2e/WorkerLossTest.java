package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.LabHost;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.Resources;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import dev.skep.v1.WorkerState;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A worker dies, engine and agent, with thirty services of one replica in the cluster: they run
 * elsewhere, and are told why; it comes back empty.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WorkerLossTest {
  private static final int SERVICES = 30;
  private static final Duration MOVED = Must.seconds(30);

  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  private final Api api = skep.api();

  @BeforeAll
  void createAll() {
    // Small enough that two workers have room for all of them.
    var small = Resources.newBuilder().setCpuMillis(100).setMemoryBytes(32 << 20);
    var spec = skep.specs().web("v1", 1).setResources(small).build();
    IntStream.range(0, SERVICES).forEach(i -> api.create("web-" + i, spec));
    Await.seconds(120)
        .until(
            "all services run",
            () -> states(),
            s ->
                s.size() == SERVICES
                    && s.stream().allMatch(ServiceState.SERVICE_STATE_RUNNING::equals));
    skep.awaitManagers(3);
  }

  @Test
  void servicesOfADeadLeaderAndThenOfAnotherWorkerRunElsewhere() {
    LabHost leader = host(skep.engines().leaderHost());
    survive(leader);
    // That one is back and empty: it takes what the next one loses.
    skep.awaitManagers(3);
    String newLeader = skep.engines().leaderHost();
    survive(
        skep.lab().hosts().stream()
            .filter(h -> !h.equals(leader) && !h.name().equals(newLeader))
            .findFirst()
            .orElseThrow());
  }

  private LabHost host(String name) {
    return skep.lab().hosts().stream().filter(h -> h.name().equals(name)).findFirst().orElseThrow();
  }

  private void survive(LabHost lost) {
    List<Service> stranded = on(lost);
    assertThat(stranded).isNotEmpty();

    var took = lose(lost);
    System.out.printf("%d services moved in %d ms%n", stranded.size(), took.toMillis());

    for (Service service : stranded) {
      assertThat(api.events(service.getName()))
          .filteredOn(e -> e.getType().equals("replicas_moved"))
          .extracting(DeploymentEvent::getMessage)
          .filteredOn(m -> m.startsWith("1 replica moved from " + lost.name() + " to "))
          .singleElement()
          .asString()
          .contains("the Swarm says that it is down");
    }
    assertThat(on(lost)).isEmpty();
    bringBack(lost);
    Await.seconds(60)
        .until("nothing of ours runs on " + lost.name(), () -> running(lost), List::isEmpty);
    assertThat(notMoved(lost)).isEmpty();
  }

  private List<ServiceState> states() {
    return api.listServices().stream().map(s -> s.getStatus().getState()).toList();
  }

  private Duration lose(LabHost lost) {
    long start = System.nanoTime();
    skep.agent(lost.name()).kill9();
    lost.killEngine();
    Await.atMost(MOVED)
        .until("every service runs without " + lost.name(), () -> notMoved(lost), List::isEmpty);
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private void bringBack(LabHost lost) {
    lost.startEngine();
    skep.agent(lost.name()).start();
    Await.seconds(90)
        .until(
            lost.name() + " is online again",
            () ->
                api.listWorkers().stream()
                    .filter(w -> w.getName().equals(lost.name()))
                    .allMatch(w -> w.getState() == WorkerState.WORKER_STATE_ONLINE));
  }

  /** Services that do not run, or have a replica there, with what is said of them. */
  private List<String> notMoved(LabHost lost) {
    List<Service> there = on(lost);
    return api.listServices().stream()
        .filter(
            s ->
                s.getStatus().getState() != ServiceState.SERVICE_STATE_RUNNING
                    || s.getStatus().getReplicasRunning() != 1
                    || there.contains(s))
        .map(s -> s.getName() + ": " + s.getStatus())
        .toList();
  }

  private List<Service> on(LabHost host) {
    return api.listServices().stream()
        .filter(
            s ->
                s.getStatus().getReplicasList().stream()
                    .anyMatch(r -> r.getWorkerName().equals(host.name())))
        .toList();
  }

  private List<String> running(LabHost host) {
    return skep.engines().on(host.name()).listContainersCmd().exec().stream()
        .map(c -> c.getNames()[0])
        .toList();
  }
}
