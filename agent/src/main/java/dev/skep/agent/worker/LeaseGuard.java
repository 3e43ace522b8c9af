package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.journal.CopyLease;
import dev.skep.agent.task.Observed;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops copies whose lease is over, and those that come after them, until there is a new one.
 *
 * <p>By their containers, on every worker alike: a worker that is cut off cannot change the Swarm,
 * and a Swarm without a word from its managers does not start them again. While the managers are
 * there, they do, and the new one is stopped as well.
 */
final class LeaseGuard {
  private static final Logger log = LoggerFactory.getLogger(LeaseGuard.class);
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** For what the Swarm starts after the end of the lease: somebody may count on it not to run. */
  private static final Duration LATE = Duration.ofSeconds(1);

  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** Nobody tells of a lease that is granted for the first time, perhaps when it is nearly over. */
  private static final Duration AT_LAST = Duration.ofSeconds(5);

  private final Engine engine;
  private final CopyLease lease;
  private final Executor threads;
  private final Set<String> stopping = ConcurrentHashMap.newKeySet();
  private boolean over;

  LeaseGuard(Engine engine, CopyLease lease, Executor threads) {
    this.engine = engine;
    this.lease = lease;
    this.threads = threads;
  }

  /**
   * Looks at the lease and, when it is over, at the containers.
   *
   * @return how long it need not look again
   */
  Duration look() {
    var services = lease.services();
    var left = lease.left();
    boolean now = !services.isEmpty() && left.isZero();
    var grace = over ? LATE : GRACE;
    if (now != over) {
      over = now;
      log.warn(
          now
              ? "No control plane renewed the lease: copies of {} here are stopped"
              : "No copy here has to stop any more; there is a lease of {}",
          services);
    }
    if (now) {
      threads.execute(() -> stopAll(grace));
      return AGAIN;
    }
    return services.isEmpty() || left.compareTo(AT_LAST) > 0 ? AT_LAST : left;
  }

  private void stopAll(Duration grace) {
    try {
      engine.localContainers().stream()
          .filter(Observed.Container::running)
          .filter(this::forbidden)
          .filter(c -> stopping.add(c.id()))
          .forEach(c -> threads.execute(() -> stop(c, grace)));
    } catch (EngineFailure e) {
      log.warn("It is not known what has to be stopped: {}", e.getMessage());
    }
  }

  /** Asked again each time: a lease may have come meanwhile. */
  private boolean forbidden(Observed.Container container) {
    return lease.left().isZero() && lease.services().contains(container.serviceId());
  }

  private void stop(Observed.Container container, Duration grace) {
    try {
      if (forbidden(container)) {
        log.warn("Stopping {} of service {}", container.id(), container.serviceId());
        engine.stopContainer(container.id(), grace);
      }
    } catch (EngineFailure e) {
      log.warn("{} could not be stopped, trying again: {}", container.id(), e.getMessage());
    } finally {
      stopping.remove(container.id());
    }
  }
}
