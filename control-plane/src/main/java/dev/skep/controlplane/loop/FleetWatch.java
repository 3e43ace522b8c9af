package dev.skep.controlplane.loop;

import dev.skep.controlplane.fleet.FleetNews;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.FleetUpkeep;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's eye on workers: tells people what happens to them and lets removed ones go. Looks
 * when a cluster changes, once a second at most, and every few seconds by itself, because silence
 * is no change of a row.
 */
public final class FleetWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FleetWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final FleetUpkeep fleet;
  private final LeaderLease lease;
  private final InstantSource clock;
  private final Duration heartbeatTimeout;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;

  public FleetWatch(
      FleetUpkeep fleet, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    this.fleet = fleet;
    this.lease = lease;
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
    this.thread = Thread.ofPlatform().name("fleet-watch").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** A hint from the change feed. */
  public void changed(Change change) {
    switch (change.topic()) {
      case CLUSTER, EVERYTHING -> wake.release();
      case SERVICE, LOGS -> {}
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        wake.tryAcquire(EVERY.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
        if (lease.epoch() != 0) {
          look();
        }
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      } catch (LeaderLease.LeadershipLost e) {
        log.warn("another control plane leads; this look at the workers changed nothing");
      } catch (RuntimeException e) {
        log.error("a look at the workers failed and changed nothing; trying again", e);
      }
    }
  }

  private void look() {
    fleet
        .tell(
            (cluster, workers) -> FleetNews.of(cluster, workers, clock.instant(), heartbeatTimeout))
        .forEach(FleetWatch::log);
    fleet.releaseRemoved();
  }

  private static void log(Notification notification) {
    switch (notification.severity()) {
      case INFO -> log.info("{}", notification.message());
      case WARNING, CRITICAL -> log.warn("{}", notification.message());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
