package dev.skep.testbed.e2e;

import dev.skep.testbed.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A control plane with its own PostgreSQL, in the root namespace. */
final class ControlPlaneProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xmx512m",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final java.util.regex.Pattern LEADING =
      java.util.regex.Pattern.compile("leading in epoch (\\d+)");

  private final Path directory;
  private final Map<String, String> environment = new TreeMap<>();
  private final int port;
  private final String agentEndpoint;
  private final HttpClient http = HttpClient.newHttpClient();
  private final Thread closeAtExit = new Thread(this::kill, "control-plane-close");
  private @Nullable Process process;

  /**
   * Starts one and waits until it is ready.
   *
   * @param directory where its data and its log are
   * @param gateway the address at which agents reach it
   */
  ControlPlaneProcess(Path directory, String gateway, String registry) {
    this(directory, gateway, registry, Map.of());
  }

  /** One with other settings, for example the database of another one. */
  ControlPlaneProcess(
      Path directory, String gateway, String registry, Map<String, String> settings) {
    this.directory = directory;
    this.port = freePort("127.0.0.1");
    this.agentEndpoint = gateway + ":" + freePort(gateway);
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", "/root");
    environment.put("LANG", "C.UTF-8");
    environment.put("SKEP_DATA_DIR", directory.resolve("data").toString());
    environment.put("SKEP_LISTEN", "127.0.0.1:" + port);
    environment.put("SKEP_AGENT_LISTEN", agentEndpoint);
    environment.put("SKEP_AGENT_ENDPOINTS", agentEndpoint);
    environment.put("DOCKER_REGISTRY_INSECURE", registry);
    environment.put("WORKER_HEARTBEAT_INTERVAL", "2s");
    environment.put("WORKER_HEARTBEAT_TIMEOUT", "10s");
    environment.putAll(settings);
    Runtime.getRuntime().addShutdownHook(closeAtExit);
    try {
      Files.createDirectories(directory);
      start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      kill();
      throw e;
    }
  }

  /** Starts it (again) and waits until it is ready. */
  void start() {
    launch();
    awaitReady();
  }

  void launch() {
    var builder =
        new ProcessBuilder(Built.CONTROL_PLANE.command(JVM_OPTIONS))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitReady() {
    var request = HttpRequest.newBuilder(URI.create(url() + "/readyz"));
    Await.atMost(START_LIMIT)
        .until(
            "the control plane is ready; see " + log(),
            () ->
                http.send(
                        request.timeout(Duration.ofSeconds(10)).build(),
                        HttpResponse.BodyHandlers.discarding())
                    .statusCode(),
            status -> status == 200);
  }

  /** Kills it with SIGKILL; its PostgreSQL goes on. */
  void kill9() {
    var running = process;
    if (running != null) {
      running.destroyForcibly();
      awaitExit(running);
    }
  }

  /** Sends a signal, for example STOP or CONT. */
  void signal(String name) {
    var running = java.util.Objects.requireNonNull(process);
    try {
      var kill = new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("cannot send " + name + " to the control plane");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending " + name, e);
    }
  }

  /** The epoch in which it led last, by its log; 0 when it never did. */
  long lastEpoch() {
    return read(log())
        .lines()
        .map(LEADING::matcher)
        .filter(java.util.regex.Matcher::find)
        .mapToLong(found -> Long.parseLong(found.group(1)))
        .max()
        .orElse(0);
  }

  /** Stops it the way an administrator does. */
  void stop() {
    var running = process;
    if (running != null) {
      running.destroy();
      awaitExit(running);
    }
  }

  boolean isAlive() {
    return process != null && process.isAlive();
  }

  String url() {
    return "http://127.0.0.1:" + port;
  }

  int port() {
    return port;
  }

  /** Host and port for agents. */
  String agentEndpoint() {
    return agentEndpoint;
  }

  /** The token of the first start. */
  String token() {
    return read(directory.resolve("data/admin.token"));
  }

  Path log() {
    return directory.resolve("control-plane.log");
  }

  /** The port of its PostgreSQL on loopback. */
  int postgresPort() {
    return Integer.parseInt(
        read(directory.resolve("data/postgres/data/postmaster.pid")).lines().toList().get(3));
  }

  /** The first process of its PostgreSQL. */
  Optional<ProcessHandle> postgres() {
    var pidFile = directory.resolve("data/postgres/data/postmaster.pid");
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    return read(pidFile).lines().findFirst().map(Long::parseLong).flatMap(ProcessHandle::of);
  }

  @Override
  public void close() {
    stop();
    kill();
    http.close();
    try {
      Runtime.getRuntime().removeShutdownHook(closeAtExit);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook finds nothing left to kill.
    }
  }

  /** Ends whatever is left of it. */
  private void kill() {
    kill9();
    postgres()
        .ifPresent(
            server -> {
              server.destroyForcibly();
              var _ = server.onExit().orTimeout(10, TimeUnit.SECONDS).join();
            });
  }

  private static void awaitExit(Process process) {
    try {
      if (!process.waitFor(STOP_LIMIT)) {
        process.destroyForcibly();
        throw new AssertionError("the control plane did not stop within " + STOP_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the control plane stops", e);
    }
  }

  private static int freePort(String address) {
    try (var socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
