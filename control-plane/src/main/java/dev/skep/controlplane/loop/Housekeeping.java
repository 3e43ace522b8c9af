package dev.skep.controlplane.loop;

import dev.skep.controlplane.kernel.Refusal;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs chores at the start and every so often. Each may run on several control planes at once. */
public final class Housekeeping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

  private final Duration every;
  private final List<Runnable> chores;
  private final Thread thread;

  public Housekeeping(Duration every, List<Runnable> chores) {
    this.every = every;
    this.chores = List.copyOf(chores);
    this.thread = Thread.ofPlatform().name("housekeeping").daemon().unstarted(this::work);
  }

  public void start() {
    thread.start();
  }

  private void work() {
    while (!Thread.currentThread().isInterrupted()) {
      chores.forEach(this::run);
      try {
        Thread.sleep(every);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void run(Runnable chore) {
    try {
      chore.run();
    } catch (Refusal e) {
      // The database is away, which others tell at length.
      log.warn("a chore waits: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("a chore failed; it runs again in {} s", every.toSeconds(), e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
