package dev.skep.controlplane.loop;

import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An eye of the leader on clusters. It looks when one changes, and every so often by itself,
 * because silence is no change of a row.
 */
public abstract sealed class ClusterWatch implements AutoCloseable permits FleetWatch, SwarmWatch {
  private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);

  private final String name;
  private final LeaderLease lease;
  private final Duration every;
  private final Duration pause;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;

  /** {@code pause} is the least time between two looks. */
  ClusterWatch(String name, LeaderLease lease, Duration every, Duration pause) {
    this.name = name;
    this.lease = lease;
    this.every = every;
    this.pause = pause;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
  }

  /** In the leader only; may fail, which changes nothing. */
  abstract void look();

  public final void start() {
    thread.start();
  }

  /** A hint from the change feed. */
  public final void changed(Change change) {
    switch (change.topic()) {
      case CLUSTER, EVERYTHING -> wake.release();
      case SERVICE, LOGS -> {}
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        wake.tryAcquire(every.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
        if (lease.epoch() != 0) {
          look();
        }
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      } catch (LeaderLease.LeadershipLost e) {
        log.warn("another control plane leads; a look of the {} changed nothing", name);
      } catch (RuntimeException e) {
        log.error("a look of the {} failed and changed nothing; trying again", name, e);
      }
    }
  }

  @Override
  public final void close() {
    thread.interrupt();
  }
}
