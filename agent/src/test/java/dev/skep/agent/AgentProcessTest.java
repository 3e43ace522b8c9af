package dev.skep.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.engine.Dockerd;
import dev.skep.agent.link.TestControlPlane;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.SwarmMembership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process as it is started on a machine: environment, exit codes, death and return. */
final class AgentProcessTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir private Path dir = Path.of(".");

  private Process start(Map<String, String> env, String log) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "@" + Path.of("src/main/dist/agent.jvmoptions").toAbsolutePath(),
            "-cp",
            System.getProperty("java.class.path"),
            "dev.skep.agent.Agent");
    builder.environment().clear();
    builder.environment().putAll(env);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    return builder.redirectErrorStream(true).redirectOutput(dir.resolve(log).toFile()).start();
  }

  private String log(String name) throws IOException {
    return Files.readString(dir.resolve(name));
  }

  private int exit(Map<String, String> env, String log) throws Exception {
    var process = start(env, log);
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("%s", log(log)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private Map<String, String> env(String host) {
    return new HashMap<>(
        Map.of(
            "SKEP_AGENT_DATA_DIR",
            dir.resolve("data").toString(),
            "DOCKER_SWARM_ADVERTISE_ADDR",
            Dockerd.ADDRESS,
            "SKEP_WORKER_NAME",
            "w1",
            "DOCKER_HOST",
            host));
  }

  @Test
  void wrongValuesStopTheStartWithNameValueAndWhatIsRight() throws Exception {
    var env = env("tcp://example:2375");
    assertThat(exit(env, "a")).isEqualTo(2);
    assertThat(log("a")).contains("DOCKER_HOST=tcp://example:2375 is wrong: a unix socket");
    env = env("unix:///nowhere/docker.sock");
    assertThat(exit(env, "b")).isEqualTo(2);
    assertThat(log("b")).contains("SKEP_CONTROL_PLANE");
    env.put("SKEP_CONTROL_PLANE", "127.0.0.1:1");
    var token = Files.writeString(dir.resolve("token"), "skj1.a.b." + "0".repeat(64));
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
    env.put("SKEP_JOIN_TOKEN_FILE", token.toString());
    assertThat(exit(env, "c")).isEqualTo(2);
    assertThat(log("c")).contains("0600");
  }

  @Test
  void diesComesBackAndIsAlone() throws Exception {
    try (var dockerd = Dockerd.start();
        var control = new TestControlPlane()) {
      control.heartbeatInterval = Duration.ofSeconds(5);
      var token = Files.writeString(dir.resolve("token"), control.token().text() + "\n");
      Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
      var env = env(dockerd.host().toString());
      env.put("SKEP_CONTROL_PLANE", control.endpoint());
      env.put("SKEP_JOIN_TOKEN_FILE", token.toString());
      env.put("SKEP_WORKER_LABELS", "zone=a,disk=ssd");
      var first = start(env, "first");
      try {
        Dockerd.await(() -> !control.hellos.isEmpty(), SOON);
        assertThat(control.enrolments.getFirst().getLabelsMap()).containsEntry("zone", "a");
        control.complete(
            1,
            Assignment.newBuilder()
                .setId("swarm")
                .setGeneration(1)
                .setSwarm(SwarmMembership.getDefaultInstance())
                .build());
        Dockerd.await(() -> control.swarm.getManager(), SOON);
        assertThat(exit(env, "second")).isEqualTo(4);
        assertThat(log("second")).contains("another agent runs on");
        System.out.println("resident after enrolment: " + resident(first));
      } finally {
        first.destroyForcibly().waitFor();
      }
      Files.delete(token);
      int hellos = control.hellos.size();
      long begin = System.nanoTime();
      var again = start(env, "again");
      try {
        Dockerd.await(() -> control.hellos.size() > hellos, SOON);
        System.out.println("start to hello ms: " + (System.nanoTime() - begin) / 1_000_000);
        assertThat(control.enrolments).hasSize(1);
        assertThat(control.hellos.getLast().getAssignmentRevision()).isEqualTo(10);
        assertThat(control.hellos.getLast().getInstanceId())
            .isNotEqualTo(control.hellos.getFirst().getInstanceId());
        int beats = control.heartbeats.get();
        Dockerd.await(() -> control.heartbeats.get() > beats + 1, SOON);
        System.out.println("resident with a session: " + resident(again));
        assertThat(log("again")).doesNotContain("SWMTKN").doesNotContain("SEVERE");
        again.destroy();
        assertThat(again.waitFor(10, TimeUnit.SECONDS)).isTrue();
      } finally {
        again.destroyForcibly().waitFor();
      }
    }
  }

  private static String resident(Process process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
        .filter(l -> l.startsWith("VmRSS") || l.startsWith("Threads"))
        .toList()
        .toString();
  }
}
