package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.ReleaseId;
import java.time.Instant;

/**
 * One attempt to make a release the running one.
 *
 * @param cause created, updated, started, restarted, scaled, rolled back
 * @param reason why it ended or what it waits for, for the user
 * @param phaseSince when it reached its state
 * @param cancelRequested whether a user wants it to end
 * @param replicasBefore replicas that were wanted before it scaled the service; 0 when it did not
 */
public record Deployment(
    DeploymentId id,
    ReleaseId release,
    DeploymentState state,
    String cause,
    String reason,
    Instant createdAt,
    Instant phaseSince,
    boolean cancelRequested,
    int replicasBefore) {}
