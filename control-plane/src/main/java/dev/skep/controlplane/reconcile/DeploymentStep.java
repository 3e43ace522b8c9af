package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.workload.DeploymentState;

/**
 * One step of a deployment, or a new reason in the same state.
 *
 * @param failedContainer whose last lines tell more of the reason; empty when there is none
 */
public record DeploymentStep(
    DeploymentId id, DeploymentState state, String reason, String failedContainer) {}
