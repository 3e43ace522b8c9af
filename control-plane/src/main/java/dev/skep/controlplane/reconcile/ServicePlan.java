package dev.skep.controlplane.reconcile;

import java.util.List;
import java.util.Set;

/**
 * What to write for one service.
 *
 * @param steps of the active deployment, in order; each is also an event
 * @param images that workers shall have before placements change
 */
public record ServicePlan(
    ServiceView view,
    List<PlacementChange> changes,
    List<DeploymentStep> steps,
    List<ServiceEvent> events,
    List<ServiceChange> service,
    Set<ImageWish> images) {
  public ServicePlan {
    changes = List.copyOf(changes);
    steps = List.copyOf(steps);
    events = List.copyOf(events);
    service = List.copyOf(service);
    images = Set.copyOf(images);
  }

  public boolean empty() {
    return changes.isEmpty()
        && steps.isEmpty()
        && events.isEmpty()
        && service.isEmpty()
        && images.isEmpty();
  }
}
