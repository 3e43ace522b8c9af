package dev.skep.controlplane.quotas;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.quota.Resource;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of quotas, and the limits that new organizations get. */
final class QuotaStore {
  private static final String OF = "select * from quotas where organization_id = :organization";
  private static final String ORDER = " order by organization_id, resource";
  private static final String SAVE =
      """
      update quotas
      set amount = :amount, override_amount = :override, override_until = :until, override_reason = :reason,
          override_by = :author, announced = :announced, grace_until = :grace, grace_told = :told
      where organization_id = :organization and resource = :resource
      """;

  /** What may have to be told. */
  private static final String NOTABLE =
      """
      select * from quotas q
      where announced > 0 or grace_until is not null or override_until <= :now
         or used * 100 >= quota_limit(q) * 80 and used > 0
      """;

  private final Handle handle;

  QuotaStore(Handle handle) {
    this.handle = handle;
  }

  /** A row with whose it is. */
  record Owned(OrganizationId organization, Allowance allowance) {}

  /** In the order of the resources. */
  List<Allowance> list(OrganizationId organization) {
    return sorted(OF, organization);
  }

  /** Like {@link #list}; nobody else takes anything until the transaction ends. */
  List<Allowance> lock(OrganizationId organization) {
    return sorted(OF + ORDER + " for update", organization);
  }

  private List<Allowance> sorted(String sql, OrganizationId organization) {
    return handle
        .createQuery(sql)
        .bind("organization", organization.value())
        .map((row, c) -> allowance(row))
        .stream()
        .sorted(java.util.Comparator.comparing(Allowance::resource))
        .toList();
  }

  List<Owned> lockNotable(Instant now) {
    return handle
        .createQuery(NOTABLE + ORDER + " for update")
        .bind("now", Timestamp.from(now))
        .map(
            (row, c) ->
                new Owned(
                    new OrganizationId(row.getObject("organization_id", UUID.class)),
                    allowance(row)))
        .list();
  }

  /** All but what is used. */
  void save(OrganizationId organization, Allowance allowance) {
    Interim interim = allowance.interim();
    handle
        .createUpdate(SAVE)
        .bind("organization", organization.value())
        .bind("resource", allowance.resource().name())
        .bind("amount", allowance.base())
        .bind("override", interim == null ? null : interim.limit())
        .bind("until", interim == null ? null : Timestamp.from(interim.until()))
        .bind("reason", interim == null ? "" : interim.reason())
        .bind("author", interim == null ? "" : interim.author())
        .bind("announced", allowance.announced())
        .bind("grace", timestamp(allowance.graceUntil()))
        .bind("told", allowance.graceTold())
        .execute();
  }

  /** Limits of new organizations; a null is unlimited. */
  SortedMap<Resource, @Nullable Long> defaults() {
    SortedMap<Resource, @Nullable Long> defaults = new TreeMap<>();
    handle
        .createQuery("select resource, amount from quota_defaults")
        .map((row, c) -> new Default(resource(row), number(row, "amount")))
        .forEach(one -> defaults.put(one.resource, one.limit));
    return defaults;
  }

  private record Default(Resource resource, @Nullable Long limit) {}

  void saveDefaults(Map<Resource, @Nullable Long> limits) {
    limits.forEach(
        (resource, limit) ->
            handle
                .createUpdate(
                    "update quota_defaults set amount = :amount where resource = :resource")
                .bind("amount", limit)
                .bind("resource", resource.name())
                .execute());
  }

  private static Allowance allowance(ResultSet row) throws SQLException {
    Timestamp until = row.getTimestamp("override_until");
    Timestamp grace = row.getTimestamp("grace_until");
    return new Allowance(
        resource(row),
        number(row, "amount"),
        row.getLong("used"),
        until == null
            ? null
            : new Interim(
                number(row, "override_amount"),
                until.toInstant(),
                row.getString("override_reason"),
                row.getString("override_by")),
        row.getInt("announced"),
        grace == null ? null : grace.toInstant(),
        row.getBoolean("grace_told"));
  }

  private static Resource resource(ResultSet row) throws SQLException {
    return Resource.valueOf(row.getString("resource"));
  }

  private static @Nullable Long number(ResultSet row, String column) throws SQLException {
    return row.getObject(column, Long.class);
  }

  private static @Nullable Timestamp timestamp(@Nullable Instant instant) {
    return instant == null ? null : Timestamp.from(instant);
  }
}
