package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.Wanted;
import java.util.List;
import java.util.Optional;

/**
 * One service: what is wanted and what was seen.
 *
 * @param active the deployment that has not ended, if any
 * @param waitingFor why replicas have no place, as it was said last; empty when they have
 */
public record ServiceView(
    ServiceId id,
    OrganizationId organization,
    ClusterId cluster,
    String name,
    Goal goal,
    List<Placement> placements,
    Optional<Deployment> active,
    String waitingFor) {

  /** The same service if something else were wanted of it. */
  public ServiceView with(Goal other) {
    return new ServiceView(id, organization, cluster, name, other, placements, active, waitingFor);
  }

  public Wanted wanted() {
    return goal.wanted();
  }

  public int replicas() {
    return goal.replicas();
  }

  public long restartGeneration() {
    return goal.restartGeneration();
  }

  /** The release that shall run. */
  public Release target() {
    return goal.release();
  }

  /** Whether a placement is not what is wanted now, apart from its number of replicas. */
  boolean outdated(Placement placement) {
    return !placement.release().equals(target().id())
        || placement.restartGeneration() != restartGeneration();
  }
}
