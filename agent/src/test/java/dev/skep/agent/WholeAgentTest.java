package dev.skep.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.DockerEngine;
import dev.skep.agent.engine.Dockerd;
import dev.skep.agent.journal.IdentityFile;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.link.Enrolment;
import dev.skep.agent.link.Link;
import dev.skep.agent.link.TestControlPlane;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.HttpProbe;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.ObjectStatus.State;
import dev.skep.agent.v1.Placement;
import dev.skep.agent.v1.Probe;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.agent.v1.TcpProbe;
import dev.skep.agent.v1.Workload;
import dev.skep.agent.worker.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** A control plane, an agent and an engine; only the control plane is a stand-in. */
@SuppressWarnings("NullAway.Init")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class WholeAgentTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private Dockerd dockerd;
  private DockerEngine engine;
  private TestControlPlane control;
  private Path data;
  private Worker worker;
  private Link link;
  private String image = "";

  @BeforeAll
  void start() throws Exception {
    dockerd = Dockerd.start();
    image = dockerd.importBusybox();
    engine = new DockerEngine(dockerd.host());
    control = new TestControlPlane();
    data = Files.createDirectory(dockerd.dir().resolve("agent"));
    startAgent();
  }

  private void startAgent() throws Exception {
    var journal = Journal.open(data);
    var outbox = new StatusOutbox();
    var settings = new Worker.Settings(Dockerd.ADDRESS, dockerd.probeDir().toString());
    worker = new Worker(journal, engine, outbox, settings, c -> {});
    worker.start();
    var file = new IdentityFile(data);
    var known = file.read();
    var wish = new Enrolment.Wish(control.token(), "w1", Map.of());
    var identity =
        known.isPresent()
            ? known.get()
            : new Enrolment(file, List.of(control.endpoint()), wish)
                .enrol(Facts.getDefaultInstance());
    link =
        new Link(
            file,
            identity,
            new Link.Cargo(
                List.of(),
                journal,
                outbox,
                Facts::getDefaultInstance,
                dev.skep.agent.v1.Usage::getDefaultInstance,
                worker::assigned),
            new Silent());
    link.start();
  }

  private static final class Silent implements Link.ChannelListener {
    @Override
    public void connected(AgentServiceGrpc.AgentServiceStub stub) {}

    @Override
    public void disconnected() {}
  }

  @AfterAll
  void stop() throws Exception {
    link.close();
    worker.close();
    control.close();
    engine.close();
    dockerd.close();
  }

  private Assignment swarm() {
    return Assignment.newBuilder()
        .setId("swarm")
        .setGeneration(1)
        .setSwarm(SwarmMembership.getDefaultInstance())
        .build();
  }

  private static Assignment network() {
    return Assignment.newBuilder()
        .setId("network/n1")
        .setGeneration(1)
        .setNetwork(
            Network.newBuilder()
                .setNetworkId("n1")
                .setOrganizationId("o1")
                .setObjectName("skep-o1")
                .setSubnet("10.88.0.0/24"))
        .build();
  }

  private Assignment placement(String name, long generation, int replicas, Workload workload) {
    return Assignment.newBuilder()
        .setId("placement/" + name)
        .setGeneration(generation)
        .setPlacement(
            Placement.newBuilder()
                .setPlacementId(name)
                .setOrganizationId("o1")
                .setServiceId("s-" + name)
                .setServiceName(name)
                .setReleaseId("r1")
                .setObjectName("skep-" + name)
                .setNodeId(control.swarm.getNodeId())
                .setReplicas(replicas)
                .setNetworkObjectName("skep-o1")
                .setEndpointMode("dnsrr")
                .setWorkload(workload))
        .build();
  }

  private Workload sleeper() {
    return workload("sleep", "3600").build();
  }

  private Workload.Builder workload(String... args) {
    return Workload.newBuilder()
        .setImage(image)
        .addCommand("/bin/busybox")
        .addAllArgs(List.of(args))
        .setCpuMillis(50)
        .setMemoryBytes(16 << 20)
        .setStopGracePeriod(com.google.protobuf.Duration.newBuilder().setSeconds(1));
  }

  private boolean is(String id, State state) {
    return control.status(id).getState() == state;
  }

  private long running(String id, long generation) {
    return control.status(id).getTasksList().stream()
        .filter(t -> t.getDesiredRunning() && t.getState().equals("running"))
        .filter(t -> t.getGeneration() == generation)
        .count();
  }

  private void awaitRunning(String id, long generation, int replicas) throws Exception {
    Dockerd.await(() -> is(id, State.STATE_APPLIED) && running(id, generation) == replicas, SOON);
  }

  @Test
  @Order(1)
  void newAgentMakesASwarmAndReportsIt() throws Exception {
    Dockerd.await(() -> !control.hellos.isEmpty(), SOON);
    control.complete(1, swarm());
    Dockerd.await(
        () -> control.swarm.getManager() && !control.swarm.getWorkerJoinToken().isEmpty(), SOON);
    assertThat(control.swarm.getLocalState()).isEqualTo("active");
    assertThat(control.swarm.getManagerAddress()).isEqualTo(Dockerd.ADDRESS + ":2377");
    assertThat(control.swarm.getNodesList()).hasSize(1);
  }

  @Test
  @Order(2)
  void networkAndPlacementOfOneSetBecomeARunningReplica() throws Exception {
    control.change(List.of(network(), placement("a", 1, 1, sleeper())), List.of());
    awaitRunning("placement/a", 1, 1);
    assertThat(is("network/n1", State.STATE_APPLIED)).isTrue();
  }

  @Test
  @Order(3)
  void placementIsCreatedWithinMillisecondsOfItsArrival() throws Exception {
    long[] applied = new long[10];
    long[] runs = new long[10];
    for (int i = 0; i < applied.length; i++) {
      String name = "fast" + i;
      long start = System.nanoTime();
      control.change(List.of(placement(name, 1, 1, sleeper())), List.of());
      awaitTight(() -> is("placement/" + name, State.STATE_APPLIED));
      applied[i] = (System.nanoTime() - start) / 1_000_000;
      awaitTight(() -> running("placement/" + name, 1) == 1);
      runs[i] = (System.nanoTime() - start) / 1_000_000;
      control.change(List.of(), List.of("placement/" + name));
      Dockerd.await(() -> is("placement/" + name, State.STATE_REMOVED), SOON);
    }
    java.util.Arrays.sort(applied);
    java.util.Arrays.sort(runs);
    System.out.println("assignment to applied ms " + java.util.Arrays.toString(applied));
    System.out.println("assignment to reported running ms " + java.util.Arrays.toString(runs));
    assertThat(applied[applied.length / 2]).isLessThan(200);
  }

  private static void awaitTight(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + SOON.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("did not happen within " + SOON);
      }
      java.util.concurrent.locks.LockSupport.parkNanos(500_000);
    }
  }

  @Test
  @Order(4)
  void moreReplicasLeaveTheRunningOneAlone() throws Exception {
    String before = control.status("placement/a").getTasks(0).getContainerId();
    control.change(List.of(placement("a", 2, 2, sleeper())), List.of());
    awaitRunning("placement/a", 2, 2);
    assertThat(control.status("placement/a").getTasksList())
        .anyMatch(t -> t.getContainerId().equals(before) && t.getState().equals("running"));
  }

  @Test
  @Order(5)
  void removedAndEditedServicesAreRepaired() throws Exception {
    dockerd.docker("service", "rm", "skep-a");
    Dockerd.await(() -> engine.cluster().service("skep-a").isPresent(), SOON);
    var fingerprint = engine.cluster().service("skep-a").orElseThrow().actual();
    dockerd.docker("service", "update", "-d", "--env-add", "EVIL=1", "skep-a");
    Dockerd.await(
        () -> engine.cluster().service("skep-a").orElseThrow().actual().equals(fingerprint), SOON);
    dockerd.docker("service", "update", "-d", "--host", "evil:10.0.0.1", "skep-a");
    Dockerd.await(
        () -> engine.cluster().service("skep-a").orElseThrow().actual().equals(fingerprint), SOON);
    awaitRunning("placement/a", 2, 2);
  }

  @Test
  @Order(6)
  void templatesInTheEnvironmentAreLiteral() throws Exception {
    var text = "{{.Node.Hostname}} {{{ }} {{ oops";
    control.change(
        List.of(placement("env", 1, 1, workload("sleep", "3600").putEnv("T", text).build())),
        List.of());
    awaitRunning("placement/env", 1, 1);
    var container = control.status("placement/env").getTasks(0).getContainerId();
    assertThat(dockerd.docker("inspect", "--format", "{{json .Config.Env}}", container))
        .contains("T=" + text);
    var host = dockerd.docker("inspect", "--format", "{{json .HostConfig}}", container);
    assertThat(host).contains("\"Privileged\":false").contains("\"CapDrop\":[\"ALL\"]");
    control.change(List.of(), List.of("placement/env"));
  }

  @Test
  @Order(7)
  void probesDecideWhatCountsAsRunning() throws Exception {
    var http =
        workload("httpd", "-f", "-p", "8080", "-h", "/.skep")
            .setProbe(probe().setHttp(HttpProbe.newBuilder().setPort(8080).setPath("/busybox")));
    var tcp =
        workload("nc", "-ll", "-p", "8080", "-e", "/bin/busybox", "true")
            .setProbe(probe().setTcp(TcpProbe.newBuilder().setPort(8080)));
    var deaf =
        workload("sleep", "3600").setProbe(probe().setTcp(TcpProbe.newBuilder().setPort(8080)));
    control.change(
        List.of(
            placement("http", 1, 1, http.build()),
            placement("tcp", 1, 1, tcp.build()),
            placement("deaf", 1, 1, deaf.build())),
        List.of());
    awaitRunning("placement/http", 1, 1);
    awaitRunning("placement/tcp", 1, 1);
    Dockerd.await(() -> "unhealthy".equals(control.status("placement/deaf").getCode()), SOON);
    assertThat(running("placement/deaf", 1)).isZero();
    control.change(List.of(), List.of("placement/http", "placement/tcp", "placement/deaf"));
    Dockerd.await(() -> engine.cluster().services().size() == 1, SOON);
  }

  private static Probe.Builder probe() {
    var second = com.google.protobuf.Duration.newBuilder().setSeconds(1);
    return Probe.newBuilder().setInterval(second).setTimeout(second).setRetries(2);
  }

  @Test
  @Order(8)
  void foreignServicesStayAndForbiddenOnesNeverCome() throws Exception {
    dockerd.docker("service", "create", "-d", "--name", "foreign", "--no-resolve-image", image);
    control.change(
        List.of(placement("bad", 1, 1, workload("sleep", "1").setPrivileged(true).build())),
        List.of());
    Dockerd.await(() -> is("placement/bad", State.STATE_FAILED), SOON);
    assertThat(control.status("placement/bad").getCode()).isEqualTo("policy_violation");
    control.complete(1, swarm(), network(), placement("a", 2, 2, sleeper()));
    Dockerd.await(() -> is("placement/a", State.STATE_APPLIED), SOON);
    assertThat(dockerd.docker("service", "ls", "--format", "{{.Name}}"))
        .contains("foreign")
        .doesNotContain("skep-bad");
    dockerd.docker("service", "rm", "foreign");
  }

  @Test
  @Order(9)
  void restartedAgentTouchesNothingAndRepairsWithoutAControlPlane() throws Exception {
    var version = engine.cluster().service("skep-a").orElseThrow().version();
    link.close();
    worker.close();
    control.hangUp();
    int hellos = control.hellos.size();
    var journal = Journal.open(data);
    worker =
        new Worker(
            journal,
            engine,
            new StatusOutbox(),
            new Worker.Settings(Dockerd.ADDRESS, dockerd.probeDir().toString()),
            c -> {});
    worker.start();
    Dockerd.await(() -> worker.engineInfo().isPresent(), SOON);
    dockerd.docker("service", "create", "-d", "--name", "x", "--no-resolve-image", image);
    Dockerd.await(() -> engine.cluster().service("x").isPresent(), SOON);
    assertThat(engine.cluster().service("skep-a").orElseThrow().version()).isEqualTo(version);
    dockerd.docker("service", "rm", "x", "skep-a");
    Dockerd.await(() -> engine.cluster().service("skep-a").isPresent(), SOON);
    worker.close();
    startAgent();
    Dockerd.await(() -> control.hellos.size() > hellos, SOON);
    assertThat(control.hellos.getLast().getAssignmentRevision()).isPositive();
    awaitRunning("placement/a", 2, 2);
  }

  @Test
  @Order(10)
  void lostEngineIsReportedWithoutFalseFailuresAndHealsItself() throws Exception {
    control.history.clear();
    dockerd.kill();
    Dockerd.await(() -> "engine_down".equals(control.status("placement/a").getCode()), SOON);
    dockerd.up();
    Dockerd.await(
        () ->
            is("placement/a", State.STATE_APPLIED)
                && running("placement/a", 2) == 2
                && control.status("placement/a").getCode().isEmpty(),
        Duration.ofSeconds(90));
    assertThat(control.history).noneMatch(s -> s.getState() == State.STATE_FAILED);
  }
}
