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
 * @param target the release that shall run
 * @param active the deployment that has not ended, if any
 */
public record ServiceView(
    ServiceId id,
    OrganizationId organization,
    ClusterId cluster,
    String name,
    Wanted wanted,
    int replicas,
    long restartGeneration,
    Release target,
    List<Placement> placements,
    Optional<Deployment> active) {}
