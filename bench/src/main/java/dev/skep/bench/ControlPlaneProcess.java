package dev.skep.bench;

import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.testbed.Await;
import dev.skep.testbed.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A control plane with its own PostgreSQL, as ./skep up starts it. */
final class ControlPlaneProcess implements AutoCloseable {
  private static final List<String> FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=4",
          "-Xmx768m");
  private static final int STOP_SECONDS = 40;

  private final Process process;
  private final Data data;
  private final Path log;
  private final int port = freePort();
  private final int agentPort = freePort();
  private final String agentEndpoint;

  /** The directory of what it keeps. */
  record Data(Path directory) {
    Path database() {
      return directory.resolve("postgres");
    }

    Path tokenFile() {
      return directory.resolve("admin.token");
    }

    /** What its agents' port shows stands under this certificate. */
    Path authority() {
      return directory.resolve("ca.pem");
    }
  }

  /**
   * Where it lives.
   *
   * @param address at which agents reach it
   * @param registry that is asked without TLS
   */
  private record Home(Data data, String address, String registry) {
    /** One whose agents are on this machine, without a lab; its data stays with the logs. */
    static Home alone(Path directory) {
      return new Home(dataIn(directory), "127.0.0.1", "127.0.0.1");
    }
  }

  private ControlPlaneProcess(Checkout checkout, Home home, Path log) throws IOException {
    this.data = home.data;
    Files.createDirectories(data.directory);
    this.log = log;
    this.agentEndpoint = home.address + ":" + agentPort;
    var command = new java.util.ArrayList<>(List.of(Checkout.java()));
    command.addAll(FLAGS);
    command.addAll(
        List.of("-cp", checkout.classPath("control-plane"), "dev.skep.controlplane.ControlPlane"));
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment(home));
    this.process = builder.start();
    // Whatever ends the benchmark.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "control-plane-stop"));
  }

  private Map<String, String> environment(Home home) {
    return Map.of(
        "SKEP_DATA_DIR",
        data.directory.toString(),
        "SKEP_LISTEN",
        "127.0.0.1:" + port,
        "SKEP_AGENT_LISTEN",
        agentEndpoint,
        "SKEP_AGENT_ENDPOINTS",
        agentEndpoint,
        "CLIENT_URL",
        "http://127.0.0.1:" + port,
        "DOCKER_REGISTRY_INSECURE",
        home.registry,
        "CONTAINER_BILLING_ENABLED",
        "true");
  }

  static ControlPlaneProcess start(Checkout checkout, Lab lab, Path log) {
    var home = new Home(dataIn(lab.directory()), lab.gateway(), lab.registry().address());
    return start(checkout, home, log);
  }

  static ControlPlaneProcess alone(Checkout checkout, Path directory) {
    return start(checkout, Home.alone(directory), directory.resolve("control-plane.log"));
  }

  /** What a control plane in this directory finds when it starts. */
  static Data dataIn(Path directory) {
    return new Data(directory.resolve("control-plane"));
  }

  private static ControlPlaneProcess start(Checkout checkout, Home home, Path log) {
    try {
      var started = new ControlPlaneProcess(checkout, home, log);
      started.awaitReady();
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void awaitReady() {
    Await.seconds(90)
        .every(Duration.ofMillis(50))
        .until("the control plane listens; see " + log, this::listens);
  }

  private boolean listens() throws IOException {
    if (!process.isAlive()) {
      throw new IOException("it has ended");
    }
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  String agentEndpoint() {
    return agentEndpoint;
  }

  Path log() {
    return log;
  }

  Path authority() {
    return data.authority();
  }

  /** Its PostgreSQL; the fourth line of the server's lock file is the port. */
  DatabaseUrl database() {
    try {
      var lock = Files.readAllLines(data.database().resolve("data/postmaster.pid"));
      return new DatabaseUrl(
          "jdbc:postgresql://127.0.0.1:" + lock.get(3).strip() + "/postgres", "postgres", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path tokenFile() {
    return data.tokenFile();
  }

  String token() {
    try {
      return Files.readString(tokenFile()).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it to stop, which takes its PostgreSQL down too. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
