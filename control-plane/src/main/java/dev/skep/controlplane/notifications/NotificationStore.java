package dev.skep.controlplane.notifications;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.OrganizationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/** Reads notifications. What concerns the platform is for those who may read it. */
final class NotificationStore {
  private static final Duration RETENTION = Duration.ofDays(90);
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");
  private static final String LIST =
      """
      select * from notifications
      where id < :before
        and (organization_id = :organization or (organization_id is null and :platform))
      order by id desc limit :limit
      """;

  private final Database database;
  private final InstantSource clock;

  NotificationStore(Database database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /** A notification as it is stored. */
  record Stored(UUID id, Instant createdAt, Notification notification) {
    static Stored of(ResultSet row) throws SQLException {
      UUID organization = row.getObject("organization_id", UUID.class);
      return new Stored(
          row.getObject("id", UUID.class),
          row.getTimestamp("created_at").toInstant(),
          new Notification(
              organization == null ? null : new OrganizationId(organization),
              Notification.Severity.valueOf(row.getString("severity")),
              row.getString("type"),
              row.getString("subject"),
              row.getString("message")));
    }
  }

  /**
   * Newest first.
   *
   * @param before an id; empty for the first page
   */
  List<Stored> list(OrganizationId organization, boolean platform, String before, int limit) {
    UUID last = before.isEmpty() ? NEWEST : UUID.fromString(before);
    return database.read(
        h ->
            h.createQuery(LIST)
                .bind("before", last)
                .bind("organization", organization.value())
                .bind("platform", platform)
                .bind("limit", limit)
                .map((row, c) -> Stored.of(row))
                .list());
  }

  /** Can be called at any time, by any control plane. */
  void dropOld() {
    database.useTransaction(
        handle ->
            handle.execute(
                "delete from notifications where created_at < ?",
                clock.instant().minus(RETENTION)));
  }
}
