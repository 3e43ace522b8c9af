package dev.skep.controlplane.logs;

import dev.skep.agent.v1.LogBatch;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.vault.Redactor;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log batches of all agents, committed in groups: what arrives while one transaction is written
 * goes into the next, so a quiet system stores a line at once and a busy one stores thousands
 * together.
 */
public final class LogIngest implements AutoCloseable {
  static final int QUEUE = 1_024;
  static final int GROUP = 64;

  private static final Logger log = LoggerFactory.getLogger(LogIngest.class);

  private final Database database;
  private final LogWriter writer;
  private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;

  private record Entry(WorkerId worker, LogBatch batch, Sender sender) {}

  /** A stream of batches in order. */
  public interface Sender {
    /** Whether one of its batches was not stored: then none that follows may be. */
    boolean broken();

    /** Called after the commit, or with why there was none. */
    void done(long sequence, Optional<RuntimeException> failure);
  }

  public LogIngest(Database database, InstantSource clock, Redactor redactor) {
    this.database = database;
    this.writer = new LogWriter(clock, redactor);
    this.thread = Thread.ofPlatform().name("log-ingest").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** False when the queue is full. */
  public boolean offer(WorkerId worker, LogBatch batch, Sender sender) {
    return queue.offer(new Entry(worker, batch, sender));
  }

  /** Tells an agent to slow down and dial again. */
  public static Optional<RuntimeException> overloaded() {
    return Optional.of(
        new Refusal(
            Reason.DATABASE_UNAVAILABLE, "too many log lines wait to be stored; try again"));
  }

  private void run() {
    List<Entry> group = new ArrayList<>(GROUP);
    while (!Thread.currentThread().isInterrupted()) {
      try {
        group.clear();
        group.add(queue.take());
        queue.drainTo(group, GROUP - 1);
        // Stored after a batch that was lost, its lines would count as known when they come again.
        group.removeIf(entry -> entry.sender.broken());
        store(group);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void store(List<Entry> group) {
    Optional<RuntimeException> failure = Optional.empty();
    try {
      List<LogWriter.Arrived> arrived =
          group.stream().map(e -> new LogWriter.Arrived(e.worker, e.batch)).toList();
      database.useTransaction(handle -> writer.write(handle, arrived));
    } catch (Refusal e) {
      log.warn(
          "cannot store {} log batches, agents will send them again: {}",
          group.size(),
          e.getMessage());
      failure = Optional.of(e);
    } catch (RuntimeException e) {
      // One batch that cannot be written must not hold up those of others.
      if (group.size() > 1) {
        group.forEach(entry -> store(List.of(entry)));
        return;
      }
      log.error("cannot store a log batch of worker {}", group.getFirst().worker, e);
      failure = Optional.of(e);
    }
    for (Entry entry : group) {
      entry.sender.done(entry.batch.getSequence(), failure);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
