package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Appends notifications, in the transaction of the change that they tell of. */
public final class NotificationWriter {
  private static final String APPEND =
      """
      insert into notifications (id, organization_id, severity, type, subject, message)
      values (:id, :organization, :severity, :type, :subject, :message)
      """;

  private NotificationWriter() {}

  /** {@code id} is a UUIDv7: lists are in its order. */
  public static void append(Handle handle, UUID id, Notification notification) {
    OrganizationId organization = notification.organization();
    handle
        .createUpdate(APPEND)
        .bind("id", id)
        .bind("organization", organization == null ? null : organization.value())
        .bind("severity", notification.severity().name())
        .bind("type", notification.type())
        .bind("subject", notification.subject())
        .bind("message", notification.message())
        .execute();
  }
}
