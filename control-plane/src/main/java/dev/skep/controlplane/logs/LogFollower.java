package dev.skep.controlplane.logs;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.state.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Waits for new lines of a service: woken by the change feed, and looking by itself if it is not.
 */
public final class LogFollower {
  /** How often to look without a hint; also how long a stop can take. */
  private static final Duration POLL = Duration.ofSeconds(5);

  private static final int PAGE = 1_000;

  private final LogReader reader;
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

  private record Waiter(UUID service, Semaphore signal) {}

  public LogFollower(LogReader reader) {
    this.reader = reader;
  }

  /** Takes some lines; blocks while the reader on the other side is slow. */
  public interface Sink {
    void lines(List<LogReader.Line> lines) throws InterruptedException;
  }

  public void changed(Change change) {
    for (Waiter waiter : waiters) {
      boolean hit =
          change.topic() == Change.Topic.EVERYTHING
              || (change.topic() == Change.Topic.LOGS && waiter.service.equals(change.id()));
      if (hit) {
        waiter.signal.release();
      }
    }
  }

  /**
   * Replays from the cursor, then follows until {@code open} says no or the thread is interrupted.
   */
  public void follow(
      OrganizationId organization, ServiceId service, Start start, BooleanSupplier open, Sink sink)
      throws InterruptedException {
    Waiter waiter = new Waiter(service.value(), new Semaphore(0));
    waiters.add(waiter);
    try {
      long cursor = start.cursor();
      while (open.getAsBoolean()) {
        waiter.signal.drainPermits();
        List<LogReader.Line> lines =
            reader.read(organization, service, new LogReader.Range(cursor, start.since(), PAGE));
        if (!lines.isEmpty()) {
          sink.lines(lines);
          cursor = lines.getLast().cursor();
        } else {
          waiter.signal.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
      }
    } finally {
      waiters.remove(waiter);
    }
  }

  /** Where to start. */
  public record Start(long cursor, Instant since) {}
}
