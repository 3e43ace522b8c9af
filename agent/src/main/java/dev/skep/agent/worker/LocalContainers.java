package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.task.Observed;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps track of our containers on this machine, for those who read their output. */
final class LocalContainers implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(LocalContainers.class);
  private static final long EVERY_SECONDS = 15;
  private static final long GAP_MILLIS = 250;

  private final Engine engine;
  private final Consumer<Set<Observed.Container>> listener;
  private final Semaphore wake = new Semaphore(0);

  LocalContainers(Engine engine, Consumer<Set<Observed.Container>> listener) {
    this.engine = engine;
    this.listener = listener;
  }

  void wake() {
    wake.release();
  }

  @Override
  public void run() {
    Set<Observed.Container> last = Set.of();
    try {
      while (true) {
        last = look(last);
        boolean woken = wake.tryAcquire(EVERY_SECONDS, TimeUnit.SECONDS);
        if (woken) {
          Thread.sleep(GAP_MILLIS);
        }
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      log.debug("Stopped");
    }
  }

  private Set<Observed.Container> look(Set<Observed.Container> last) {
    try {
      var now = Set.copyOf(engine.localContainers());
      if (!now.equals(last)) {
        listener.accept(now);
      }
      return now;
    } catch (EngineFailure e) {
      log.debug("No containers: {}", e.getMessage());
    } catch (RuntimeException e) {
      log.error("A listener of containers failed", e);
    }
    return last;
  }
}
