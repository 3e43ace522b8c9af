package dev.skep.controlplane.loop;

import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;

/** The leader's loops without their threads. */
public final class SimulatedLoop {
  private final LeaderLoop loop;
  private final SwarmWatch swarmWatch;

  public SimulatedLoop(
      ClusterState state,
      SwarmUpkeep swarms,
      LeaderLease lease,
      InstantSource clock,
      Duration heartbeatTimeout) {
    loop = new LeaderLoop(state, lease, clock, heartbeatTimeout);
    swarmWatch = new SwarmWatch(swarms, lease, clock, heartbeatTimeout);
  }

  /** The change feed's word that something of a service changed. */
  public void hint(UUID service) {
    loop.changed(new Change(Change.Topic.SERVICE, service));
  }

  /** The same of a cluster. */
  public void hint() {
    loop.changed(new Change(Change.Topic.CLUSTER, new UUID(0, 0)));
  }

  /**
   * One turn.
   *
   * @throws LeaderLease.LeadershipLost when another leads
   */
  public void turn() {
    swarmWatch.lookIfLeading();
    loop.turn();
  }
}
