package dev.skep.controlplane.loop;

import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.time.Duration;
import java.time.InstantSource;

/** The leader's loops without their threads. */
public final class SimulatedLoop {
  private final LeaderLoop loop;
  private final SwarmWatch swarmWatch;
  private boolean swarmChanged;

  public SimulatedLoop(
      ClusterState state,
      SwarmUpkeep swarms,
      LeaderLease lease,
      InstantSource clock,
      Duration heartbeatTimeout) {
    loop = new LeaderLoop(state, lease, clock, heartbeatTimeout);
    swarmWatch = new SwarmWatch(swarms, lease, clock, heartbeatTimeout);
  }

  /** The change feed's word. */
  public void hint(Change change) {
    loop.changed(change);
    swarmChanged |= change.topic() != Change.Topic.SERVICE;
  }

  /** It is time to look at Swarms, whatever was heard. */
  public void hint() {
    swarmChanged = true;
  }

  /**
   * One turn.
   *
   * @throws LeaderLease.LeadershipLost when another leads
   */
  public void turn() {
    if (swarmChanged) {
      swarmWatch.lookIfLeading();
      swarmChanged = false;
    }
    loop.turn();
  }
}
