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

/** Thirty services of one replica each, and a worker of theirs that dies. */
final class ThirtyServices {
  private static final int SERVICES = 30;
  private static final int PATIENCE_SECONDS = 30;

  private final SkepLab skep;
  private final Api api;

  ThirtyServices(SkepLab skep) {
    this.skep = skep;
    this.api = skep.api();
  }

  void surviveTheLossOf(LabHost lost) {
    createAll();
    List<Service> stranded = on(lost);
    assertThat(stranded).isNotEmpty();

    var took = lose(lost);
    System.out.printf("%d services moved in %d ms%n", stranded.size(), took.toMillis());

    for (Service service : stranded) {
      assertThat(api.events(service.getName()))
          .filteredOn(e -> e.getType().equals("replicas_moved"))
          .singleElement()
          .extracting(DeploymentEvent::getMessage)
          .asString()
          .startsWith("1 replica moved from " + lost.name() + " to ")
          .contains("the Swarm says that it is down");
    }
    assertThat(on(lost)).isEmpty();
    bringBack(lost);
    Await.seconds(60)
        .until("nothing of ours runs on " + lost.name(), () -> running(lost), List::isEmpty);
    assertThat(notMoved(lost)).isEmpty();
    skep.clear();
  }

  private void createAll() {
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
  }

  private List<ServiceState> states() {
    return api.listServices().stream().map(s -> s.getStatus().getState()).toList();
  }

  private Duration lose(LabHost lost) {
    long start = System.nanoTime();
    skep.agent(lost.name()).kill9();
    lost.killEngine();
    Await.seconds(PATIENCE_SECONDS)
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
