package dev.skep.testbed;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.SwarmNodeState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LabTest {

  private final Lab lab = Lab.start(LabOptions.workers(3));
  private final TestSwarm swarm = new TestSwarm(lab);
  private final String sleeper = lab.registry().push(TestImages.sleeper());

  @BeforeAll
  void createNetwork() {
    swarm.createNetwork("shared");
  }

  @AfterAll
  void close() throws IOException {
    swarm.close();
    lab.close();
  }

  @Test
  void serviceOnThreeHostsAnswersByNameFromAnotherContainer() {
    var web = lab.registry().push(TestImages.web("v1"));
    // The Swarm of these engines never pulls by itself.
    lab.hosts().forEach(host -> pull(host, web));
    swarm.createService("web", web, "shared", 3);
    Await.seconds(30)
        .until("web runs on 3 nodes", () -> swarm.nodesOf("web"), nodes -> nodes.size() == 3);
    var client = run(lab.host("w1"), sleeper, "client", "shared");
    Set<String> answers = new HashSet<>();
    Await.seconds(20)
        .until(
            "all three replicas answer by name",
            () -> {
              answers.add(inContainer("w1", client, "wget", "-qO-", "http://web:8080/").orThrow());
              return answers;
            },
            seen -> seen.size() == 3);
    assertThat(answers).allMatch(answer -> answer.endsWith(" v1"));
    assertThat(inContainer("w1", client, "wget", "-qO-", "http://web:8080/healthz").orThrow())
        .isEqualTo("ok");
  }

  @Test
  void cutHostGoesDownAndHealsToReady() {
    lab.host("w3").cut();
    swarm.awaitNode("w3", SwarmNodeState.DOWN);
    lab.host("w3").heal();
    swarm.awaitNode("w3", SwarmNodeState.READY);
  }

  @Test
  void containersOutliveAKilledEngineAndItComesBack() throws IOException {
    var host = lab.host("w2");
    var container = run(host, sleeper, "survivor", "bridge");
    long process;
    try (var docker = host.docker()) {
      process =
          requireNonNull(docker.inspectContainerCmd(container).exec().getState().getPidLong());
    }
    host.killEngine();
    assertThat(host.exec("kill", "-0", Long.toString(process)).succeeded()).isTrue();
    swarm.awaitNode("w2", SwarmNodeState.DOWN);
    host.startEngine();
    swarm.awaitNode("w2", SwarmNodeState.READY);
  }

  @Test
  void pausedEngineAnswersNobodyUntilItIsResumed() {
    var host = lab.host("w2");
    host.pauseEngine();
    try {
      var ask = "timeout 1 docker -H unix:///run/docker.sock version";
      assertThat(host.exec("sh", "-c", ask).exitCode()).isEqualTo(124);
    } finally {
      host.resumeEngine();
    }
    swarm.awaitNode("w2", SwarmNodeState.READY);
  }

  @Test
  void lossOfOneDirectionLeavesTheOther() {
    var host = lab.host("w3");
    host.lose(1, LabHost.Direction.INBOUND);
    try {
      assertThat(ping("w3", lab.gateway()).succeeded()).isFalse();
      var counters = "iptables -t mangle -L PREROUTING -v -n -x | awk '/statistic/ {print $1}'";
      assertThat(Long.parseLong(host.exec("sh", "-c", counters).orThrow()))
          .as("the answers arrived, and were dropped on arrival")
          .isPositive();
    } finally {
      host.heal();
    }
    assertThat(ping("w3", lab.gateway()).succeeded()).isTrue();
    swarm.awaitNode("w3", SwarmNodeState.READY);
  }

  @Test
  void hostReachesAServerOfThisProcess() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getByName(lab.gateway()))) {
      var port = Integer.toString(server.getLocalPort());
      var host = lab.host("w1");
      var output = host.directory().resolve("client.log");
      host.spawn(ProcessSpec.of(output, "busybox", "nc", lab.gateway(), port));
      server.setSoTimeout(5_000);
      try (var accepted = server.accept()) {
        assertThat(accepted.getInetAddress().getHostAddress()).isEqualTo(host.address());
      }
    }
  }

  @Test
  void hostReachesOtherHostsByNameButNothingOutside() {
    assertThat(ping("w1", "w2").succeeded()).isTrue();
    var started = System.nanoTime();
    var outside = lab.host("w1").exec("busybox", "nc", "-w", "20", "198.51.100.1", "80");
    assertThat(outside.output()).contains("unreachable");
    assertThat(lab.host("w1").exec("getent", "hosts", "example.org").succeeded()).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void spawnedProcessRunsOnTheHostWithItsEnvironmentAndOutput() throws IOException {
    var host = lab.host("w1");
    var output = host.directory().resolve("probe.log");
    var script = "hostname; pwd; echo $GREETING; ip -4 -o address show eth0; exec sleep 1000";
    var process =
        host.spawn(
            ProcessSpec.of(output, "sh", "-c", script)
                .environment("GREETING", "hello")
                .directory(host.directory()));
    var text =
        Await.seconds(10)
            .until("all is printed", () -> Files.readString(output), it -> it.contains("inet"));
    assertThat(text)
        .startsWith("w1\n" + host.directory() + "\nhello\n")
        .contains(host.address() + "/24");
    assertThat(process.isAlive()).isTrue();
    assertThat(process.stop()).isEqualTo(128 + 15);
  }

  @Test
  void brokenWebListensButItsHealthCheckFails() {
    var broken = lab.registry().push(TestImages.webBroken("v2"));
    var container = run(lab.host("w1"), broken, "broken", "bridge");
    var answer =
        Await.seconds(10)
            .until(
                "it answers",
                () -> inContainer("w1", container, "wget", "-O-", "http://127.0.0.1:8080/healthz"),
                result -> result.output().contains("HTTP"));
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.output()).contains("500 Internal Server Error");
  }

  @Test
  void crashEndsWithOneAndLoggerPrintsWhatItIsTold() {
    var crash = run(lab.host("w1"), lab.registry().push(TestImages.crash()), "crash", "bridge");
    assertThat(docker("w1", "wait", crash).orThrow()).isEqualTo("1");
    assertThat(docker("w1", "logs", crash).orThrow()).isEqualTo("crash: cannot go on");

    var image = TestImages.logger().environment("LINES", "5000").environment("PAD", "3");
    var logger = run(lab.host("w1"), lab.registry().push(image), "logger", "bridge");
    var lines =
        Await.seconds(10)
            .until(
                "5000 lines",
                () -> docker("w1", "logs", logger).orThrow().lines().toList(),
                seen -> seen.size() == 5000);
    assertThat(lines.getFirst()).isEqualTo("line 1 xxx");
    assertThat(lines.getLast()).isEqualTo("line 5000 xxx");
  }

  @Test
  void mirrorServesImagesWithoutARegistryInTheirName() {
    lab.registry().push(TestImages.busybox());
    assertThat(docker("w1", "run", "--rm", "busybox:1", "echo", "hello").orThrow())
        .endsWith("hello");
  }

  private ExecResult ping(String from, String to) {
    return lab.host(from).exec("busybox", "ping", "-c", "1", "-W", "1", to);
  }

  private ExecResult docker(String host, String... arguments) {
    var command = new ArrayList<>(List.of("docker", "-H", "unix:///run/docker.sock"));
    command.addAll(List.of(arguments));
    return lab.host(host).exec(command.toArray(String[]::new));
  }

  private ExecResult inContainer(String host, String container, String... command) {
    var arguments = new ArrayList<>(List.of("exec", container));
    arguments.addAll(List.of(command));
    return docker(host, arguments.toArray(String[]::new));
  }

  private static void pull(LabHost host, String image) {
    try (var docker = host.docker()) {
      docker.pullImageCmd(image).start().awaitCompletion();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("cannot pull %s on %s".formatted(image, host.name()), e);
    }
  }

  private static String run(LabHost host, String image, String name, String network) {
    pull(host, image);
    try (var docker = host.docker()) {
      var id =
          docker
              .createContainerCmd(image)
              .withName(name)
              .withHostConfig(HostConfig.newHostConfig().withNetworkMode(network))
              .exec()
              .getId();
      docker.startContainerCmd(id).exec();
      return id;
    } catch (IOException e) {
      throw new IllegalStateException("cannot run %s on %s".formatted(image, host.name()), e);
    }
  }
}
