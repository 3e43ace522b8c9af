package dev.skep.testbed.e2e;

import dev.skep.testbed.HostProcess;
import dev.skep.testbed.LabHost;
import dev.skep.testbed.ProcessSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;

/** The agent of a lab host; its data outlives its processes. It ends with the lab. */
final class AgentProcess {
  private final LabHost host;
  private final String name;
  private final Path directory;
  private final String controlPlane;
  private HostProcess process;

  /**
   * Starts an agent that enrols.
   *
   * @param name of the worker, and of the agent's directory on the host
   * @param controlPlane host and port
   */
  AgentProcess(LabHost host, String name, String controlPlane, String joinToken) {
    this.host = host;
    this.name = name;
    this.controlPlane = controlPlane;
    this.directory = host.directory().resolve("agent-" + name);
    try {
      var probe = Files.createDirectories(directory.resolve("probe"));
      Files.copy(
          Path.of("/bin/busybox"),
          probe.resolve("busybox"),
          StandardCopyOption.COPY_ATTRIBUTES,
          StandardCopyOption.REPLACE_EXISTING);
      Files.deleteIfExists(tokenFile());
      var ownerOnly =
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
      Files.writeString(Files.createFile(tokenFile(), ownerOnly), joinToken + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.process = spawn();
  }

  /** Kills it with SIGKILL; what runs on the host goes on. */
  void kill9() {
    process.kill();
  }

  /** Starts it again after its end. */
  void start() {
    process = spawn();
  }

  int awaitExit(Duration limit) {
    return process.awaitExit(limit);
  }

  Path log() {
    return directory.resolve("agent.log");
  }

  Path dataDirectory() {
    return directory.resolve("data");
  }

  private Path tokenFile() {
    return directory.resolve("join-token");
  }

  private HostProcess spawn() {
    var options = Built.AGENT.directory().resolve("src/main/dist/agent.jvmoptions");
    var command = Built.AGENT.command(List.of("@" + options));
    return host.spawn(
        ProcessSpec.of(log(), command.toArray(String[]::new))
            .environment("SKEP_AGENT_DATA_DIR", dataDirectory().toString())
            .environment("SKEP_CONTROL_PLANE", controlPlane)
            .environment("SKEP_JOIN_TOKEN_FILE", tokenFile().toString())
            .environment("SKEP_WORKER_NAME", name)
            .environment("DOCKER_HOST", "unix:///run/docker.sock")
            .environment("DOCKER_SWARM_ADVERTISE_ADDR", host.address())
            .environment("SKEP_PROBE_DIR", directory.resolve("probe").toString()));
  }
}
