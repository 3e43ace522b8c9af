package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.state.LeaderLease;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** A process of its own that closes hours for as long as it leads, as a control plane does. */
final class ClosingProcess implements AutoCloseable {
  private static final int BATCH = 120;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Process process;
  private volatile long epoch;

  private ClosingProcess(Process process) {
    this.process = process;
  }

  static ClosingProcess start(DatabaseUrl url) throws IOException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    var started =
        new ClosingProcess(
            new ProcessBuilder(
                    java,
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ClosingProcess.class.getName(),
                    url.jdbcUrl(),
                    url.user(),
                    url.password())
                .redirectErrorStream(true)
                .start());
    Thread.ofVirtual().start(started::listen);
    return started;
  }

  /** The one in which it leads, or led last; 0 for none. */
  long epoch() {
    return epoch;
  }

  /** As kill -9 does: nothing is tidied up. */
  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
    process.onExit().join();
  }

  private void listen() {
    try (BufferedReader output = process.inputReader()) {
      output
          .lines()
          .filter(line -> line.startsWith("epoch "))
          .forEach(line -> epoch = Long.parseLong(line.substring("epoch ".length())));
    } catch (IOException | UncheckedIOException e) {
      // It was killed.
    }
  }

  /** The process: whatever happens, again. */
  public static void main(String[] url) {
    Database database = Database.open(new DatabaseUrl(url[0], url[1], url[2]));
    LeaderLease lease = new LeaderLease(database);
    HourClose hours = new HourClose(database, lease, true, BATCH);
    Instant due = BillingCrashTest.END.plus(HourClose.LAG);
    lease.start();
    long told = 0;
    while (true) {
      long now = lease.epoch();
      if (now != told && now != 0) {
        told = now;
        System.out.println("epoch " + now);
      }
      try {
        if (now != 0) {
          hours.closeDue(due);
        }
      } catch (RuntimeException e) {
        System.out.println(e);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
