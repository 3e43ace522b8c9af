package dev.skep.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.agent.engine.EngineFailure.Code;
import dev.skep.agent.task.Desired;
import dev.skep.agent.task.EngineFeatures;
import dev.skep.agent.task.Labels;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.RenderService;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.task.ServiceSpec;
import dev.skep.agent.task.Workload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every engine does. The engine is a manager of a new Swarm, and empty between tests. */
abstract class EngineContract {
  static final Duration SOON = Duration.ofSeconds(20);

  private static final AtomicInteger NETWORKS = new AtomicInteger();

  private String networkName = "";
  private String networkId = "";

  abstract Engine engine();

  abstract String image();

  /** An image in a registry, by its whole name; the engine does not have it. */
  abstract String published();

  abstract String probeDir();

  @BeforeEach
  void beginWithOneNetwork() {
    // The machines forget a removed network some time after the Swarm: a name of its own for each.
    networkName = "skep-o" + NETWORKS.incrementAndGet();
    networkId = engine().cluster().createNetwork(networkName, "10.88.0.0/24", networkLabels());
  }

  @AfterEach
  void removeEverything() throws InterruptedException {
    for (var service : engine().cluster().services()) {
      engine().cluster().removeService(service.id());
    }
    for (var network : engine().cluster().networks()) {
      Dockerd.await(() -> removed(network.id()), SOON);
    }
  }

  private boolean removed(String network) {
    try {
      engine().cluster().removeNetwork(network);
      return true;
    } catch (EngineFailure e) {
      return e.code() == Code.NOT_FOUND;
    }
  }

  private static Map<String, String> networkLabels() {
    return Map.of(Labels.NETWORK, "n1", Labels.GENERATION, "1");
  }

  private ServiceSpec spec(long generation, long replicas, Workload workload) {
    return spec(generation, replicas, workload, false);
  }

  private ServiceSpec spec(long generation, long replicas, Workload workload, boolean stopFirst) {
    var info = engine().info();
    var features =
        new EngineFeatures(
            info.api().hasNoNewPrivileges(), info.api().hasStartInterval(), probeDir());
    var placement =
        new Desired.Placement(
            "placement/p1",
            generation,
            "p1",
            "o1",
            "s1",
            "api",
            "r1",
            "skep-s1-w1",
            info.swarm().nodeId(),
            replicas,
            "skep-o1",
            "dnsrr",
            0,
            stopFirst,
            0,
            workload);
    return new RenderService(features)
        .render(placement, new RenderService.Ids(networkId, secretIds()), generation);
  }

  private Workload workload(Map<String, String> env, Optional<Workload.Probe> probe) {
    return workload(image(), env, probe);
  }

  private static Workload workload(
      String image, Map<String, String> env, Optional<Workload.Probe> probe) {
    return new Workload(
        image,
        List.of("/bin/busybox"),
        List.of("sleep", "3600"),
        env,
        100,
        16L << 20,
        List.of(),
        probe,
        Duration.ofSeconds(1),
        List.of(),
        List.of(),
        false,
        List.of(),
        List.of());
  }

  private Workload workload() {
    return workload(Map.of("A", "1"), Optional.empty());
  }

  @Test
  void managerKnowsItselfItsNodesAndItsTokens() {
    var swarm = engine().info().swarm();
    assertThat(swarm.active()).isTrue();
    assertThat(swarm.manager()).isTrue();
    assertThat(swarm.nodeAddress()).contains(":");
    assertThat(engine().swarm().nodes())
        .singleElement()
        .satisfies(
            n -> {
              assertThat(n.id()).isEqualTo(swarm.nodeId());
              assertThat(n.state()).isEqualTo("ready");
              assertThat(n.manager()).isTrue();
              assertThat(n.managerRole()).isTrue();
              assertThat(n.reachable()).isTrue();
              assertThat(n.address()).contains(":");
            });
    assertThat(engine().swarm().settings().workerJoinToken()).startsWith("SWMTKN-");
  }

  @Test
  void ownerOfTheSwarmIsWrittenOnIt() {
    engine().swarm().claim(7);
    assertThat(engine().swarm().settings().ownerEpoch()).isEqualTo(7);
    engine().swarm().claim(8);
    assertThat(engine().swarm().settings().ownerEpoch()).isEqualTo(8);
  }

  @Test
  void createdNetworkIsListedWithSubnetAndLabels() throws Exception {
    // The one of the test before may still be listed for a moment after it was removed.
    Dockerd.await(() -> own().stream().anyMatch(n -> !n.subnet().isEmpty()), SOON);
    assertThat(own())
        .singleElement()
        .satisfies(
            n -> {
              assertThat(n.subnet()).isEqualTo("10.88.0.0/24");
              assertThat(n.networkId()).isEqualTo("n1");
            });
  }

  private List<Observed.Network> own() {
    return engine().cluster().networks().stream().filter(n -> n.id().equals(networkId)).toList();
  }

  @Test
  void serviceReadsBackWithTheFingerprintOfWhatWasSent() {
    var probe =
        new Workload.Probe(
            new Workload.Check.Tcp(8080),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            3,
            Duration.ofSeconds(1));
    var sent =
        spec(3, 2, workload(Map.of("A", "1", "B", "{{.Node.ID}}"), Optional.of(probe)))
            .withLabel(Labels.SPEC, "x");
    String id = engine().cluster().createService(sent);
    var there = engine().cluster().service(id).orElseThrow();
    assertThat(there.actual()).isEqualTo(SpecFingerprint.of(sent));
    assertThat(there.generation()).isEqualTo(3);
    assertThat(there.containerGeneration()).isEqualTo(3);
    assertThat(there.labels()).containsEntry(Labels.SPEC, "x");
    assertThat(engine().cluster().services()).containsExactly(there);
  }

  @Test
  void updateWithAnOldVersionIsOutOfSequence() {
    String id = engine().cluster().createService(spec(1, 1, workload()));
    var first = engine().cluster().service(id).orElseThrow();
    engine().cluster().updateService(id, first.version(), spec(2, 2, workload()));
    assertThat(engine().cluster().service(id).orElseThrow().generation()).isEqualTo(2);
    assertThatThrownBy(
            () -> engine().cluster().updateService(id, first.version(), spec(3, 1, workload())))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.OUT_OF_SEQUENCE));
  }

  @Test
  void takenNameIsAConflict() {
    engine().cluster().createService(spec(1, 1, workload()));
    assertThatThrownBy(() -> engine().cluster().createService(spec(1, 1, workload())))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.CONFLICT));
    assertThatThrownBy(
            () -> engine().cluster().createNetwork(networkName, "10.89.0.0/24", networkLabels()))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.CONFLICT));
  }

  @Test
  void missingServiceIsEmptyAndCannotBeRemoved() {
    assertThat(engine().cluster().service("nothing")).isEmpty();
    assertThatThrownBy(() -> engine().cluster().removeService("nothing"))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void replicasBecomeRunningTasksWithGenerationAndContainer() throws Exception {
    String id = engine().cluster().createService(spec(7, 2, workload()));
    Dockerd.await(() -> running() == 2, SOON);
    assertThat(engine().cluster().tasks())
        .allSatisfy(
            t -> {
              assertThat(t.serviceId()).isEqualTo(id);
              assertThat(t.placementId()).isEqualTo("p1");
              assertThat(t.containerGeneration()).isEqualTo(7);
              assertThat(t.containerId()).isNotEmpty();
            });
    var containers =
        engine().cluster().tasks().stream().map(dev.skep.agent.task.Observed.Task::containerId);
    var wanted = containers.toList();
    assertThat(engine().localContainers().stream().filter(c -> wanted.contains(c.id())))
        .hasSize(2)
        .allSatisfy(
            c -> {
              assertThat(c.running()).isTrue();
              assertThat(c.serviceId()).isEqualTo("s1");
              assertThat(c.logPath()).endsWith("-json.log");
            });
  }

  @Test
  void stoppedContainerDoesNotRunAnyMoreAndStoppingItAgainIsNoFailure() throws Exception {
    engine().cluster().createService(spec(1, 1, workload()));
    Dockerd.await(() -> running() == 1, SOON);
    String id = engine().cluster().tasks().getFirst().containerId();

    engine().stopContainer(id, Duration.ofSeconds(1));

    Dockerd.await(
        () -> engine().localContainers().stream().noneMatch(c -> c.id().equals(id) && c.running()),
        SOON);
    engine().stopContainer(id, Duration.ofSeconds(1));
    engine().stopContainer("no-such-container", Duration.ofSeconds(1));
  }

  long running() {
    return engine().cluster().tasks().stream()
        .filter(t -> t.desiredRunning() && t.state().equals("running"))
        .count();
  }

  @Test
  void networkInUseCannotBeRemoved() throws Exception {
    engine().cluster().createService(spec(1, 1, workload()));
    Dockerd.await(() -> running() == 1, SOON);
    assertThatThrownBy(() -> engine().cluster().removeNetwork(networkId))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.IN_USE));
  }

  @Test
  void imageIsPulledByItsDigestListedByItsWholeNameAndRemoved() {
    String name = published();
    assertThat(engine().images().has(name)).isFalse();
    assertThat(engine().images().names()).doesNotContain(name);
    engine().images().pull(name);
    assertThat(engine().images().has(name)).isTrue();
    assertThat(engine().images().names()).contains(name);
    engine().images().pull(name);
    engine().images().remove(name);
    assertThat(engine().images().names()).doesNotContain(name);
    assertThatThrownBy(() -> engine().images().remove(name))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  @Test
  void imageThatARegistryDoesNotHaveIsMissing() {
    String there = published();
    String name = there.substring(0, there.indexOf('@')) + "@sha256:" + "e".repeat(64);
    assertThatThrownBy(() -> engine().images().pull(name))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.IMAGE_MISSING));
    assertThat(engine().images().has(name)).isFalse();
  }

  @Test
  void imageInUseIsNotRemoved() throws Exception {
    String name = published();
    engine().images().pull(name);
    String id =
        engine().cluster().createService(spec(1, 1, workload(name, Map.of(), Optional.empty())));
    Dockerd.await(() -> running() == 1, SOON);
    assertThatThrownBy(() -> engine().images().remove(name))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.IN_USE));
    engine().cluster().removeService(id);
    Dockerd.await(() -> gone(name), SOON);
    assertThat(engine().images().has(name)).isFalse();
  }

  private boolean gone(String image) {
    try {
      engine().images().remove(image);
      return true;
    } catch (EngineFailure e) {
      assertThat(e.code()).isEqualTo(Code.IN_USE);
      return false;
    }
  }

  @Test
  void volumeOutlivesAnUpdateAndGoesOnlyWhenSomebodyAsks() throws Exception {
    String volume = "skep-volume" + NETWORKS.incrementAndGet();
    String id = engine().cluster().createService(spec(1, 1, writer(volume, "first"), true));
    Dockerd.await(() -> running() == 1, SOON);
    assertThat(engine().volumes().names()).contains(volume);
    assertThatThrownBy(() -> engine().volumes().remove(volume))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.IN_USE));
    var first = engine().cluster().service(id).orElseThrow();
    engine()
        .cluster()
        .updateService(id, first.version(), spec(2, 1, writer(volume, "second"), true));
    Dockerd.await(() -> runningOf(2) == 1, SOON);

    engine().cluster().removeService(id);
    Dockerd.await(() -> volumeGone(volume), SOON);

    assertThat(engine().volumes().names()).doesNotContain(volume);
    assertThatThrownBy(() -> engine().volumes().remove(volume))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  /** Writes a file; the second finds what the first wrote, or ends at once. */
  private Workload writer(String volume, String which) {
    String script =
        which.equals("first")
            ? "echo kept > /data/file && exec sleep 3600"
            : "grep -q kept /data/file && exec sleep 3600";
    return new Workload(
        image(),
        List.of("/bin/busybox"),
        List.of("sh", "-c", script),
        Map.of(),
        100,
        16L << 20,
        List.of(),
        Optional.empty(),
        Duration.ofSeconds(1),
        List.of(new Workload.Mount("volume", volume, "/data", "v1")),
        List.of(),
        false,
        List.of(),
        List.of());
  }

  private long runningOf(long generation) {
    return engine().cluster().tasks().stream()
        .filter(t -> t.containerGeneration() == generation && t.state().equals("running"))
        .count();
  }

  private boolean volumeGone(String volume) {
    try {
      engine().volumes().remove(volume);
      return true;
    } catch (EngineFailure e) {
      assertThat(e.code()).isEqualTo(Code.IN_USE);
      return false;
    }
  }

  private Map<String, String> secretIds() {
    return engine().secrets().all().stream()
        .collect(Collectors.toMap(Observed.Secret::name, Observed.Secret::id));
  }

  @Test
  void secretIsListedWithItsLabelsAndItsNameIsTakenOnce() {
    var labels = Map.of(Labels.SECRET, "s1", Labels.ORGANIZATION, "o1");
    String name = secretName();
    String id = engine().secrets().create(name, labels, SecretBytes.of(new byte[] {0, -1, 10}));
    assertThat(engine().secrets().all()).contains(new Observed.Secret(id, name, labels));
    assertThatThrownBy(() -> engine().secrets().create(name, labels, SecretBytes.of(new byte[1])))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.CONFLICT));
    engine().secrets().remove(id);
    assertThat(engine().secrets().all()).extracting(Observed.Secret::id).doesNotContain(id);
    assertThatThrownBy(() -> engine().secrets().remove(id))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  private static String secretName() {
    return "skep-secret-" + NETWORKS.incrementAndGet() + "-v1";
  }

  @Test
  void secretArrivesAsAFileAndIsNotRemovedWhileAServiceNamesIt() throws Exception {
    var labels = Map.of(Labels.SECRET, "s1", Labels.ORGANIZATION, "o1");
    String name = secretName();
    var value = SecretBytes.of("{{.Node.Hostname}} {{\n".getBytes(StandardCharsets.UTF_8));
    String secret = engine().secrets().create(name, labels, value);
    var sent = spec(4, 1, reader(name));

    String id = engine().cluster().createService(sent);

    assertThat(engine().cluster().service(id).orElseThrow().actual())
        .isEqualTo(SpecFingerprint.of(sent));
    Dockerd.await(() -> runningOf(4) == 1, SOON);
    assertThatThrownBy(() -> engine().secrets().remove(secret))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.IN_USE));
    engine().cluster().removeService(id);
    engine().secrets().remove(secret);
    assertThatThrownBy(() -> engine().cluster().createService(sent))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(Code.NOT_FOUND));
  }

  /** Ends at once when its file is not as it should be. */
  private Workload reader(String secret) {
    String script =
        "[ \"$(cat /etc/app/key)\" = '{{.Node.Hostname}} {{' ]"
            + " && [ \"$(stat -c '%a %u %g' /etc/app/key)\" = '440 7 8' ] && exec sleep 3600";
    return new Workload(
        image(),
        List.of("/bin/busybox"),
        List.of("sh", "-c", script),
        Map.of(),
        100,
        16L << 20,
        List.of(),
        Optional.empty(),
        Duration.ofSeconds(1),
        List.of(),
        List.of(),
        false,
        List.of(new Workload.SecretFile(secret, "/etc/app/key", 0440, 7, 8)),
        List.of());
  }

  @Test
  void eventsTellOfServicesAndContainers() throws Exception {
    var seen = new java.util.concurrent.CopyOnWriteArrayList<String>();
    var since = java.time.Instant.now();
    var watcher =
        Thread.startVirtualThread(
            () -> {
              try {
                engine().watch(since, e -> seen.add(e.type() + " " + e.action()));
              } catch (EngineFailure e) {
                seen.add("ended");
              }
            });
    engine().cluster().createService(spec(1, 1, workload()));
    Dockerd.await(() -> seen.contains("service create") && seen.contains("container start"), SOON);
    watcher.interrupt();
    watcher.join(SOON);
    assertThat(watcher.isAlive()).isFalse();
  }
}
