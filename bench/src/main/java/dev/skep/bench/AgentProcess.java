package dev.skep.bench;

import dev.skep.testbed.Await;
import dev.skep.testbed.HostProcess;
import dev.skep.testbed.LabHost;
import dev.skep.testbed.ProcessSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An agent on a host of the lab. */
final class AgentProcess implements AutoCloseable {
  private final HostProcess process;
  private final Path log;
  private final long startedAt = System.nanoTime();

  private AgentProcess(LabHost host, List<String> command, Map<String, String> env, Path log) {
    this.log = log;
    this.process = host.spawn(new ProcessSpec(command, env, Path.of("/"), log));
  }

  /** What an agent needs to join; it keeps its identity on the host when it is started again. */
  record Home(LabHost host, Map<String, String> environment) {
    static Home on(LabHost host, ControlPlaneProcess controlPlane, String joinToken) {
      var directory = host.directory();
      try {
        Files.createDirectories(directory.resolve("probe"));
        var token = directory.resolve("join-token");
        Files.createFile(
            token,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(token, joinToken);
        return new Home(
            host,
            Map.of(
                "SKEP_AGENT_DATA_DIR",
                ownerOnly(directory.resolve("agent")).toString(),
                "SKEP_CONTROL_PLANE",
                controlPlane.agentEndpoint(),
                "SKEP_JOIN_TOKEN_FILE",
                token.toString(),
                "SKEP_WORKER_NAME",
                host.name(),
                "DOCKER_HOST",
                host.socket(),
                "DOCKER_SWARM_ADVERTISE_ADDR",
                host.address(),
                "SKEP_PROBE_DIR",
                directory.resolve("probe").toString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static Path ownerOnly(Path directory) throws IOException {
      return Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    AgentProcess start(List<String> command, Map<String, String> extra, Path log) {
      var all = new HashMap<>(environment);
      all.putAll(extra);
      return new AgentProcess(host, command, all, log);
    }
  }

  /** The command that ./skep up uses. */
  static List<String> command(Checkout checkout) {
    return List.of(
        Checkout.java(),
        "@" + checkout.root().resolve("agent/src/main/dist/agent.jvmoptions"),
        "-cp",
        checkout.classPath("agent"),
        "dev.skep.agent.Agent");
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  /** Waits for the control plane's welcome and returns the milliseconds since the start. */
  double awaitSession() {
    Await.seconds(60)
        .every(Duration.ofMillis(2))
        .until("the agent has a session; see " + log, this::hasSession);
    return (System.nanoTime() - startedAt) / 1e6;
  }

  private boolean hasSession() throws IOException {
    return Files.readString(log).lines().anyMatch(line -> line.matches(".* Session \\d+ with .*"));
  }

  /** Nothing disturbs the baseline while it is frozen. */
  void freeze() {
    process.signal("STOP");
  }

  void thaw() {
    process.signal("CONT");
  }

  /** As when it crashes: what runs on the host goes on. */
  void kill9() {
    process.kill();
  }

  @Override
  public void close() {
    process.signal("CONT");
    process.stop();
  }
}
