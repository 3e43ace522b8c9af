package dev.skep.controlplane.loop;

import dev.skep.controlplane.fleet.ManagerPlan;
import dev.skep.controlplane.fleet.Ownership;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's eye on the managers of Swarms. Looks when a cluster changes, and every second by
 * itself, because an owner that stays away is no change of a row.
 */
public final class SwarmWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SwarmWatch.class);
  private static final Duration EVERY = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final SwarmUpkeep swarms;
  private final LeaderLease lease;
  private final SwarmUpkeep.Rules rules;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;

  public SwarmWatch(
      SwarmUpkeep swarms, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    this.swarms = swarms;
    this.lease = lease;
    this.rules = new Now(clock, heartbeatTimeout);
    this.thread = Thread.ofPlatform().name("swarm-watch").daemon().unstarted(this::run);
  }

  /** The rules at this moment. */
  private record Now(InstantSource clock, Duration heartbeatTimeout) implements SwarmUpkeep.Rules {
    @Override
    public Ownership ownership(List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return Ownership.of(members, around, clock.instant());
    }

    @Override
    public Optional<ManagerPlan.Change> next(
        List<SwarmMember> members, ManagerPlan.Surroundings around) {
      return ManagerPlan.next(members, around, clock.instant(), heartbeatTimeout);
    }
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
          swarms.look(rules).forEach(n -> log.info("{}", n.message()));
        }
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      } catch (LeaderLease.LeadershipLost e) {
        log.warn("another control plane leads; this look at the managers changed nothing");
      } catch (RuntimeException e) {
        log.error("a look at the managers failed and changed nothing; trying again", e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
