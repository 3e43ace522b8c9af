package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Appends notifications, in the transaction of the change that they tell of. */
public final class NotificationWriter {
  private static final String APPEND =
      """
      insert into notifications (id, organization_id, severity, type, subject, message)
      select * from unnest(:ids::uuid[], :organizations::uuid[], :severities::text[], :types::text[],
                           :subjects::text[], :messages::text[])
      """;

  private final Bulk rows =
      new Bulk(
          APPEND,
          uuids("ids"),
          uuids("organizations"),
          texts("severities"),
          texts("types"),
          texts("subjects"),
          texts("messages"));

  NotificationWriter() {}

  /** {@code id} is a UUIDv7: lists are in its order. */
  public static void append(Handle handle, UUID id, Notification notification) {
    NotificationWriter one = new NotificationWriter();
    one.add(id, notification);
    one.write(handle);
  }

  void add(UUID id, Notification notification) {
    OrganizationId organization = notification.organization();
    rows.add(
        id,
        organization == null ? null : organization.value(),
        notification.severity().name(),
        notification.type(),
        notification.subject(),
        notification.message());
  }

  /** To be called once. */
  void write(Handle handle) {
    rows.execute(handle);
  }
}
