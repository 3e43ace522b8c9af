package dev.skep.controlplane.loop;

import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;

/** The leader's loop without its thread. */
public final class SimulatedLoop {
  private final LeaderLoop loop;

  public SimulatedLoop(
      ClusterState state, LeaderLease lease, InstantSource clock, Duration heartbeatTimeout) {
    loop = new LeaderLoop(state, lease, clock, heartbeatTimeout);
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
    loop.turn();
  }
}
