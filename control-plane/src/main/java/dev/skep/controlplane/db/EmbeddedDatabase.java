package dev.skep.controlplane.db;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL of our own in a directory that is kept. A server that a killed control plane left
 * behind is used on, never started a second time; a server that dies is started again at its port.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

  private static final Duration STOP_POLL = Duration.ofMillis(20);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final Duration RETRY = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);

  private final Path directory;
  private final int port;
  private final Thread guard = Thread.ofVirtual().name("postgres-guard").unstarted(this::guard);

  private volatile boolean closed;

  private EmbeddedDatabase(Path directory, int port) {
    this.directory = directory;
    this.port = port;
  }

  /** Starts the server, or finds the one that runs in this directory. */
  public static EmbeddedDatabase start(Path directory) {
    try {
      Optional<Integer> running = runningPort(directory);
      var database =
          new EmbeddedDatabase(directory, running.isPresent() ? running.get() : freePort());
      if (running.isEmpty()) {
        database.startServer();
      }
      database.guard.start();
      return database;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start PostgreSQL in " + directory, e);
    }
  }

  public DatabaseUrl url() {
    return new DatabaseUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
  }

  /** Nobody else would start it again: the pool only dials the port. */
  private void guard() {
    while (!closed) {
      try {
        Optional<ProcessHandle> server =
            runningPort(directory).isEmpty() ? Optional.empty() : server(directory);
        if (server.isPresent()) {
          server.get().onExit().get(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        } else {
          log.error("PostgreSQL in {} has died; starting it again", directory);
          restartServer();
        }
      } catch (InterruptedException e) {
        return;
      } catch (TimeoutException e) {
        // It runs, or it is dead and its parent has not asked for it: look again.
      } catch (IOException | ExecutionException | RuntimeException e) {
        log.error("PostgreSQL in {} does not start; trying again", directory, e);
        LockSupport.parkNanos(RETRY.toNanos());
      }
    }
  }

  // Never stopped by its own hook: that would be before the pool is closed.
  private void startServer() throws IOException {
    Files.createDirectories(directory);
    EmbeddedPostgres.builder()
        .setDataDirectory(directory.resolve("data"))
        .setOverrideWorkingDirectory(directory.resolve("server").toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
        .setPGStartupWait(START_TIMEOUT)
        // The library turns both off for tests; what is committed here must survive a power cut.
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("listen_addresses", "127.0.0.1")
        // Its lock would keep a new server out for as long as nobody buries the one that was
        // killed.
        .setServerConfig("unix_socket_directories", "")
        .setServerConfig("max_connections", "60")
        .setServerConfig("shared_buffers", "128MB")
        .start();
  }

  /**
   * With the options that it had. The library cannot: when a start fails, because processes of the
   * dead server still hold its memory, it keeps its lock on the directory for ever.
   */
  private void restartServer() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (System.getProperty("user.name").equals("root")) {
      // PostgreSQL refuses to run as root; the library starts it in the same way.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(
        List.of(
            controlProgram().toString(),
            "restart",
            "--pgdata=" + directory.resolve("data"),
            "--log=" + directory.resolve("restart.log"),
            "--wait",
            "--timeout=" + START_TIMEOUT.toSeconds()));
    Process restart =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("restart.out").toFile())
            .start();
    if (!restart.waitFor(START_TIMEOUT.toSeconds() + 5, TimeUnit.SECONDS)) {
      restart.destroyForcibly();
    } else if (restart.exitValue() != 0) {
      throw new IOException(Files.readString(directory.resolve("restart.out")).strip());
    }
  }

  /** Beside the server itself, which wrote down the words that it was started with. */
  private Path controlProgram() throws IOException {
    String options = Files.readString(directory.resolve("data/postmaster.opts"));
    return Path.of(options.substring(0, options.indexOf(" \""))).resolveSibling("pg_ctl");
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Optional<Integer> runningPort(Path directory) throws IOException {
    Path pidFile = directory.resolve("data/postmaster.pid");
    List<String> lines = linesOf(pidFile);
    if (lines.size() < 4 || !alive(lines)) {
      Files.deleteIfExists(pidFile);
      return Optional.empty();
    }
    return Optional.of(Integer.parseInt(lines.get(3).trim()));
  }

  private static List<String> linesOf(Path pidFile) throws IOException {
    try {
      return Files.readAllLines(pidFile);
    } catch (NoSuchFileException e) {
      // The server removes it as its last act.
      return List.of();
    }
  }

  /** The process exists and is a PostgreSQL: a pid may have been given to another program. */
  private static boolean alive(List<String> pidFile) {
    return ProcessHandle.of(Long.parseLong(pidFile.getFirst().trim()))
        .flatMap(p -> p.info().command())
        .filter(command -> command.endsWith("/postgres"))
        .isPresent();
  }

  private static Optional<ProcessHandle> server(Path directory) throws IOException {
    List<String> lines = linesOf(directory.resolve("data/postmaster.pid"));
    return lines.isEmpty()
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(lines.getFirst().trim()));
  }

  /** Stops the server; connections must be closed before. */
  @Override
  public void close() {
    closed = true;
    guard.interrupt();
    try {
      Optional<ProcessHandle> server = server(directory);
      if (server.isPresent()) {
        server.get().destroy();
        awaitStop();
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot stop PostgreSQL in " + directory, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** By its file, its last act: a process whose parent never asks for it does not seem to end. */
  private void awaitStop() throws IOException, InterruptedException {
    long end = System.nanoTime() + STOP_TIMEOUT.toNanos();
    while (runningPort(directory).isPresent()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("PostgreSQL did not stop within " + STOP_TIMEOUT);
      }
      Thread.sleep(STOP_POLL);
    }
  }
}
