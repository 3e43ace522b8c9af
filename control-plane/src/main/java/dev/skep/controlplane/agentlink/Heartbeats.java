package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each agent was last heard and what it said; kept in memory and written for the whole fleet
 * at once.
 */
final class Heartbeats implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);
  private static final Duration LONGEST_FLUSH = Duration.ofSeconds(5);

  private final WorkerStore store;
  private final Leases leases;
  private final Duration flush;
  private final Map<WorkerId, Beat> seen = new ConcurrentHashMap<>();
  private final Thread thread =
      Thread.ofPlatform().name("heartbeats").daemon().unstarted(this::run);

  Heartbeats(WorkerStore store, Leases leases, Duration heartbeatInterval) {
    this.store = store;
    this.leases = leases;
    Duration half = heartbeatInterval.dividedBy(2);
    this.flush = half.compareTo(LONGEST_FLUSH) < 0 ? half : LONGEST_FLUSH;
  }

  void start() {
    thread.start();
  }

  void seen(WorkerId worker, Beat beat) {
    seen.merge(worker, beat, (before, now) -> now.after(before));
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(flush);
        flush();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.warn("cannot write heartbeats, trying again: {}", e.getMessage());
      }
    }
  }

  void flush() {
    Map<WorkerId, Beat> batch = new HashMap<>(seen);
    if (!batch.isEmpty()) {
      store.heartbeats(batch);
      batch.forEach(seen::remove);
    }
    leases.flush();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
