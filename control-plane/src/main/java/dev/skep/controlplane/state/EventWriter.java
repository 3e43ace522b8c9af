package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.DeploymentStep;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Appends to the history of a service, in the transaction of the change that it tells of. */
public final class EventWriter {
  private static final String APPEND =
      """
      with head as (update container_services set last_event_sequence = last_event_sequence + 1
                    where organization_id = :organization and id = :service returning last_event_sequence)
      insert into deployment_events (organization_id, service_id, sequence, deployment_id, type, message)
      select :organization, :service, last_event_sequence, :deployment, :type, :message from head
      """;

  private EventWriter() {}

  /**
   * What happened.
   *
   * @param deployment null when it was in none
   * @param type stable word for programs
   * @param message sentence for people
   */
  public record Event(@Nullable DeploymentId deployment, String type, String message) {
    static Event of(DeploymentStep step) {
      String word = step.state().word();
      String message =
          "Deployment is " + word + (step.reason().isEmpty() ? "" : ": " + step.reason());
      return new Event(step.id(), "deployment_" + word, message);
    }
  }

  /** The service's row stays locked until the transaction ends, so sequences have no gaps. */
  public static void append(
      Handle handle, OrganizationId organization, ServiceId service, Event event) {
    handle
        .createUpdate(APPEND)
        .bind("organization", organization.value())
        .bind("service", service.value())
        .bind("deployment", event.deployment() == null ? null : event.deployment().value())
        .bind("type", event.type())
        .bind("message", event.message())
        .execute();
  }
}
