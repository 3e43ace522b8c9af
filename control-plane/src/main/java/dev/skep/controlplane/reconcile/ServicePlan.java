package dev.skep.controlplane.reconcile;

import java.util.List;

/**
 * What to write for one service.
 *
 * @param steps of the active deployment, in order; each is also an event
 * @param purge the service is deleted and nothing is left: its rows go
 */
public record ServicePlan(
    ServiceView view, List<PlacementChange> changes, List<DeploymentStep> steps, boolean purge) {
  public boolean empty() {
    return changes.isEmpty() && steps.isEmpty() && !purge;
  }
}
