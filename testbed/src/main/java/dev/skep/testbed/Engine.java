package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** One run of a Docker engine on a host. */
final class Engine {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final HostProcess daemon;
  private final Path socket;

  private Engine(HostProcess daemon, Path socket) {
    this.daemon = daemon;
    this.socket = socket;
  }

  /** Starts it; {@link #awaitReady} tells when it answers, so that several can start together. */
  static Engine start(Machine machine, String cgroup) {
    var directory = machine.directory();
    var socket = directory.resolve("docker.sock");
    deleteLeftovers(List.of(socket, directory.resolve("docker.pid")));
    var command =
        ("dockerd --data-root %1$s/data --pidfile %1$s/docker.pid"
                + " -H unix://%1$s/docker.sock -H unix:///run/docker.sock"
                + " --storage-driver overlay2 --exec-opt native.cgroupdriver=cgroupfs"
                + " --cgroup-parent /%2$s")
            .formatted(directory, cgroup);
    var log = directory.resolve("engine.log");
    // The Swarm then never pulls: whoever makes a service has to have brought its image.
    var daemon =
        ProcessSpec.of(log, command.split(" ", -1))
            .environment("DOCKER_SERVICE_PREFER_OFFLINE_IMAGE", "1");
    return new Engine(machine.spawn(daemon), socket);
  }

  void awaitReady() {
    Await.atMost(START_LIMIT)
        .every(Duration.ofMillis(20))
        .until("the engine answers; see " + daemon.output(), this::answers);
  }

  HostProcess daemon() {
    return daemon;
  }

  private boolean answers() throws IOException {
    if (!daemon.isAlive()) {
      throw new IOException("the engine has ended");
    }
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(US_ASCII)));
      var answer = ByteBuffer.allocate(64);
      channel.read(answer);
      return new String(answer.array(), 0, answer.position(), US_ASCII).contains(" 200 ");
    }
  }

  /** An engine that was killed leaves both, and refuses to start when the process id is reused. */
  private static void deleteLeftovers(List<Path> files) {
    try {
      for (var file : files) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
