package dev.skep.controlplane.loop;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs chores at the start and every hour. Each chore may run on several control planes at once.
 */
public final class Housekeeping implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration EVERY = Duration.ofHours(1);

  private final List<Runnable> chores;
  private final Thread thread;

  public Housekeeping(List<Runnable> chores) {
    this.chores = List.copyOf(chores);
    this.thread = Thread.ofPlatform().name("housekeeping").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      chores.forEach(Housekeeping::run);
      try {
        Thread.sleep(EVERY);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static void run(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      log.error("a chore failed; it runs again in {} min", EVERY.toMinutes(), e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
