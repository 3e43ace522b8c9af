package dev.skep.controlplane.loop;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.reconcile.ServicePlan;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.reconcile.Situation;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes what is wanted true, one pass after the other. A pass looks at the services that somebody
 * hinted at; unsettled ones are looked at every second and all of them twice a minute, so a lost
 * hint only costs time.
 */
public final class LeaderLoop implements AutoCloseable {
  static final int SERVICES_PER_PASS = 1000;

  private static final Logger log = LoggerFactory.getLogger(LeaderLoop.class);
  private static final Duration UNSETTLED_EVERY = Duration.ofSeconds(1);
  private static final Duration ALL_EVERY = Duration.ofSeconds(30);
  private static final Duration BACK_OFF = Duration.ofMillis(500);

  private final ClusterState state;
  private final LeaderLease lease;
  private final InstantSource clock;
  private final Duration heartbeatTimeout;
  private final Set<ServiceId> dirty = ConcurrentHashMap.newKeySet();
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean unsettledDirty;
  private Instant lastUnsettled = Instant.EPOCH;
  private Instant lastAll = Instant.EPOCH;

  public LeaderLoop(
      ClusterState state, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    this.state = state;
    this.lease = lease;
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
    this.thread = Thread.ofPlatform().name("leader-loop").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** A hint from the change feed. */
  public void changed(Change change) {
    switch (change.topic()) {
      case SERVICE -> dirty.add(new ServiceId(change.id()));
      case CLUSTER, EVERYTHING -> unsettledDirty = true;
      case LOGS -> {
        return;
      }
    }
    wake.release();
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        wake.tryAcquire(UNSETTLED_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
        turn();
      } catch (InterruptedException e) {
        return;
      } catch (LeaderLease.LeadershipLost e) {
        log.warn("another control plane leads; this pass changed nothing");
        pause();
      } catch (RuntimeException e) {
        log.error("a pass failed and changed nothing; trying again", e);
        pause();
      }
    }
  }

  /** Does all that is to be done at this moment. */
  void turn() {
    if (lease.epoch() == 0) {
      dirty.clear();
    } else {
      addOverdue();
      passes();
    }
  }

  private void addOverdue() {
    Instant now = clock.instant();
    if (lastAll.plus(ALL_EVERY).isBefore(now)) {
      dirty.addAll(state.all());
      lastAll = now;
    } else if (unsettledDirty || lastUnsettled.plus(UNSETTLED_EVERY).isBefore(now)) {
      unsettledDirty = false;
      dirty.addAll(state.unsettled());
      lastUnsettled = now;
    }
  }

  private void passes() {
    while (!dirty.isEmpty()) {
      List<ServiceId> pass = dirty.stream().limit(SERVICES_PER_PASS).toList();
      pass.forEach(dirty::remove);
      advance(pass);
    }
  }

  private void advance(Collection<ServiceId> pass) {
    try {
      for (ServicePlan plan : state.advance(pass, this::plan)) {
        plan.steps().forEach(step -> log.info("service {} {}", plan.view().name(), step));
        plan.events().forEach(event -> log.info("service {} {}", plan.view().name(), event));
      }
    } catch (RuntimeException e) {
      dirty.addAll(pass);
      throw e;
    }
  }

  private List<ServicePlan> plan(Snapshot snapshot) {
    Instant now = clock.instant();
    Map<ClusterId, Situation> situations = new HashMap<>();
    List<ServicePlan> plans = new ArrayList<>();
    for (ServiceView view : snapshot.services()) {
      Situation situation =
          situations.computeIfAbsent(
              view.cluster(), cluster -> snapshot.situation(cluster, now, heartbeatTimeout));
      plans.add(Reconciler.step(view, situation));
    }
    return plans;
  }

  private void pause() {
    try {
      Thread.sleep(BACK_OFF);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
