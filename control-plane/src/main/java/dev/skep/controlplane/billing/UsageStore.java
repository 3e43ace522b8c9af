package dev.skep.controlplane.billing;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.UsageGroup;
import dev.skep.v1.UsageResource;
import dev.skep.v1.UsageRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Adds up cycles of one organization. */
final class UsageStore {
  private static final int MOST = 10_000;
  private static final String WHERE =
      """
      c.organization_id = :id and c.hour >= :start and c.hour < :end
      and (:service = '' or c.service_id::text = :service
           or c.service_id in (select service_id from meters where organization_id = :id and service_name = :service))
      """;
  private static final String BY_SERVICE =
      """
      select c.service_id, (select service_name from meters m where m.service_id = c.service_id) as service_name,
             sum(c.amount)::bigint as cost
      from container_billing_cycles c where %s group by c.service_id order by cost desc, c.service_id limit :most
      """
          .formatted(WHERE);
  private static final String BY_RESOURCE =
      """
      select c.resource, sum(c.quantity)::bigint as quantity, sum(c.cost)::bigint as cost
      from billed_parts c where %s group by c.resource order by cost desc, c.resource limit :most
      """
          .formatted(WHERE);
  private static final String BY_TIME =
      """
      select %s as start_time, sum(c.amount)::bigint as cost
      from container_billing_cycles c where %s group by 1 order by 1 limit :most
      """;
  private static final String BY_HOUR = BY_TIME.formatted("c.hour", WHERE);
  private static final String BY_DAY = BY_TIME.formatted("date_trunc('day', c.hour, :zone)", WHERE);
  private static final String TOTAL =
      "select coalesce(sum(c.amount), 0)::bigint from container_billing_cycles c where " + WHERE;

  private final Handle handle;
  private final OrganizationId organization;

  UsageStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /**
   * Hours that begin in a time.
   *
   * @param service id or name; empty for all
   * @param zone where days begin
   */
  record Range(Instant start, Instant end, String service, ZoneId zone) {}

  List<UsageRow> rows(Range range, UsageGroup group) {
    return switch (group) {
      case USAGE_GROUP_UNSPECIFIED, USAGE_GROUP_SERVICE, UNRECOGNIZED ->
          list(BY_SERVICE, range, UsageStore::byService);
      case USAGE_GROUP_RESOURCE -> list(BY_RESOURCE, range, UsageStore::byResource);
      case USAGE_GROUP_DAY -> list(BY_DAY, range, UsageStore::byTime);
      case USAGE_GROUP_HOUR -> list(BY_HOUR, range, UsageStore::byTime);
    };
  }

  long total(Range range) {
    return bound(TOTAL, range).mapTo(Long.class).one();
  }

  /** How a row is read. */
  private interface Reading {
    UsageRow.Builder of(ResultSet row) throws SQLException;
  }

  private List<UsageRow> list(String sql, Range range, Reading reading) {
    return bound(sql, range)
        .map((row, c) -> reading.of(row).setCostMicros(row.getLong("cost")).build())
        .list();
  }

  private org.jdbi.v3.core.statement.Query bound(String sql, Range range) {
    var query =
        handle
            .createQuery(sql)
            .bind("id", organization.value())
            .bind("start", Timestamp.from(range.start))
            .bind("end", Timestamp.from(range.end))
            .bind("service", range.service);
    if (sql.contains(":most")) {
      query.bind("most", MOST);
    }
    if (sql.contains(":zone")) {
      query.bind("zone", range.zone.getId());
    }
    return query;
  }

  private static UsageRow.Builder byService(ResultSet row) throws SQLException {
    String name = row.getString("service_name");
    return UsageRow.newBuilder()
        .setServiceId(row.getString("service_id"))
        .setServiceName(name == null ? "" : name);
  }

  private static UsageRow.Builder byResource(ResultSet row) throws SQLException {
    return UsageRow.newBuilder()
        .setResource(UsageResource.valueOf("USAGE_RESOURCE_" + row.getString("resource")))
        .setQuantity(row.getLong("quantity"));
  }

  private static UsageRow.Builder byTime(ResultSet row) throws SQLException {
    return UsageRow.newBuilder()
        .setStartTime(Paging.timestamp(row.getTimestamp("start_time").toInstant()));
  }
}
