package dev.skep.controlplane.invoices;

import dev.skep.controlplane.kernel.OrganizationId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Writes usage and movements of one organization as tables. */
final class ExportStore {
  private static final String USAGE =
      """
      select c.*, coalesce(m.service_name, '') as service_name, coalesce(p.currency, '') as currency
      from container_billing_cycles c
      left join meters m on m.service_id = c.service_id
      left join price_lists p on p.id = c.price_list_id
      where c.organization_id = :id and c.hour >= :start and c.hour < :end
        and :service in ('', c.service_id::text, m.service_name)
      order by c.hour, service_name, c.service_id limit :limit
      """;

  private static final String MOVEMENTS =
      """
      select t.*, e.balance, e.owed
      from payment_transactions t
      cross join lateral (select coalesce(sum(amount) filter (where account = 'WALLET'), 0)::bigint as balance,
                                 coalesce(-sum(amount) filter (where account = 'RECEIVABLE'), 0)::bigint as owed
                          from ledger_entries where transaction_id = t.id) e
      where t.organization_id = :id and t.created_at >= :start and t.created_at < :end
      order by t.id limit :limit
      """;

  private final Handle handle;
  private final OrganizationId organization;

  ExportStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /** A table and how long it is. */
  record Table(byte[] csv, int rows) {}

  Table usage(Instant start, Instant end, String service, int limit) {
    Csv csv =
        new Csv(
            "hour",
            "service_id",
            "service",
            "replica_seconds",
            "cpu_milli_seconds",
            "memory_mib_seconds",
            "storage_mib_seconds",
            "egress_bytes",
            "build_seconds",
            "amount",
            "currency");
    return table(csv, query(USAGE, start, end, limit).bind("service", service), ExportStore::usage);
  }

  private static void usage(ResultSet row, Csv csv) throws SQLException {
    csv.own(time(row, "hour")).own(row.getString("service_id")).text(row.getString("service_name"));
    csv.own(row.getLong("replica_seconds")).own(row.getLong("cpu_milli_seconds"));
    csv.own(row.getLong("memory_mib_seconds")).own(row.getLong("storage_mib_seconds"));
    csv.own(row.getLong("egress_bytes")).own(row.getLong("build_seconds"));
    csv.own(Rounding.exact(row.getLong("amount"))).own(row.getString("currency"));
  }

  Table movements(Instant start, Instant end, int limit) {
    Csv csv =
        new Csv(
            "time",
            "id",
            "kind",
            "hour",
            "balance_change",
            "owed_change",
            "currency",
            "reverses",
            "actor",
            "description");
    return table(csv, query(MOVEMENTS, start, end, limit), ExportStore::movement);
  }

  private static void movement(ResultSet row, Csv csv) throws SQLException {
    csv.own(time(row, "created_at")).own(row.getLong("id")).own(row.getString("kind"));
    csv.own(time(row, "hour")).own(Rounding.exact(row.getLong("balance")));
    csv.own(Rounding.exact(row.getLong("owed"))).own(row.getString("currency"));
    Long reverses = row.getObject("reverses", Long.class);
    csv.own(reverses == null ? "" : reverses);
    csv.text(row.getString("actor")).text(row.getString("description"));
  }

  /** How a row is written. */
  private interface Writing {
    void to(ResultSet row, Csv csv) throws SQLException;
  }

  private static Table table(Csv csv, Query query, Writing writing) {
    int rows =
        query
            .map(
                (row, c) -> {
                  writing.to(row, csv);
                  csv.end();
                  return 1;
                })
            .list()
            .size();
    return new Table(csv.bytes(), rows);
  }

  private Query query(String sql, Instant start, Instant end, int limit) {
    return handle
        .createQuery(sql)
        .bind("id", organization.value())
        .bind("start", Timestamp.from(start))
        .bind("end", Timestamp.from(end))
        .bind("limit", limit);
  }

  private static String time(ResultSet row, String column) throws SQLException {
    Timestamp time = row.getTimestamp(column);
    return time == null ? "" : time.toInstant().toString();
  }
}
