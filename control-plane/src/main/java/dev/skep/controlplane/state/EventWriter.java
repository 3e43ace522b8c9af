package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.DeploymentStep;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Appends to the history of services, in the transaction of the change that it tells of. */
public final class EventWriter {
  private static final String APPEND =
      """
      with event as (
        select * from unnest(:organizations::uuid[], :services::uuid[], :deployments::uuid[], :types::text[], :messages::text[])
                      with ordinality n (organization, service, deployment, type, message, place)),
      counted as (select organization, service, count(*) as events from event group by organization, service),
      head as (update container_services s set last_event_sequence = s.last_event_sequence + c.events
               from counted c where s.organization_id = c.organization and s.id = c.service
               returning s.id, s.last_event_sequence - c.events as before)
      insert into deployment_events (organization_id, service_id, sequence, deployment_id, type, message)
      select e.organization, e.service, h.before + row_number() over (partition by e.service order by e.place),
             e.deployment, e.type, e.message
      from event e join head h on h.id = e.service
      """;

  private final Bulk rows =
      new Bulk(
          APPEND,
          uuids("organizations"),
          uuids("services"),
          uuids("deployments"),
          texts("types"),
          texts("messages"));

  EventWriter() {}

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

  /** Services' rows stay locked until the transaction ends, so sequences have no gaps. */
  public static void append(
      Handle handle, OrganizationId organization, ServiceId service, Event event) {
    EventWriter one = new EventWriter();
    one.add(organization, service, event);
    one.write(handle);
  }

  void add(OrganizationId organization, ServiceId service, Event event) {
    DeploymentId deployment = event.deployment();
    rows.add(
        organization.value(),
        service.value(),
        deployment == null ? null : deployment.value(),
        event.type(),
        event.message());
  }

  /** To be called once. */
  void write(Handle handle) {
    rows.execute(handle);
  }
}
