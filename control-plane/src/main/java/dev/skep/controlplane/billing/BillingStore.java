package dev.skep.controlplane.billing;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.PriceList;
import dev.skep.controlplane.ledger.PriceLists;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads the money of one organization, and the prices of all. */
final class BillingStore {
  private static final String WALLET =
      """
      select w.*, coalesce(m.replicas, 0) as replicas, coalesce(m.cpu, 0) as cpu, coalesce(m.memory, 0) as memory,
             coalesce(m.storage, 0) as storage
      from wallets w
      left join lateral (select sum(replicas)::bigint as replicas, sum(cpu_millis)::bigint as cpu,
                                sum(memory_mib)::bigint as memory, sum(storage_mib)::bigint as storage
                         from meters where organization_id = w.organization_id) m on true
      where w.organization_id = :id
      """;

  private static final String TRANSACTIONS =
      """
      select t.*, e.balance, e.owed
      from payment_transactions t
      cross join lateral (select coalesce(sum(amount) filter (where account = 'WALLET'), 0)::bigint as balance,
                                 coalesce(-sum(amount) filter (where account = 'RECEIVABLE'), 0)::bigint as owed
                          from ledger_entries where transaction_id = t.id) e
      where t.organization_id = :id and %s
      order by t.id desc limit :limit
      """;

  private static final String CHARGED =
      """
      select coalesce(sum(e.amount), 0)::bigint from payment_transactions t
      join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
      where t.organization_id = :id and (t.id = :charge or t.reverses = :charge)
      """;

  private final Handle handle;
  private final OrganizationId organization;

  BillingStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /**
   * A wallet with what runs now.
   *
   * @param memory MiB
   * @param storage MiB
   */
  record WalletRow(
      String currency,
      long balance,
      long owed,
      long floor,
      Arrears.State state,
      Instant since,
      @Nullable Instant until,
      ZoneId zone,
      long replicas,
      long cpu,
      long memory,
      long storage) {}

  /** A movement with what it did to the wallet. */
  record Movement(
      long id,
      Kind kind,
      String currency,
      long balance,
      long owed,
      @Nullable Instant hour,
      @Nullable Long reverses,
      String description,
      String actor,
      Instant createdAt) {}

  /** An hour of closing. */
  record HourRow(
      Instant hour, @Nullable Instant closedAt, boolean charged, long services, long wallets) {}

  /** A price list with who made it. */
  record Listed(PriceList prices, String author, Instant createdAt) {}

  WalletRow wallet() {
    return handle
        .createQuery(WALLET)
        .bind("id", organization.value())
        .map((row, c) -> walletRow(row))
        .findOne()
        .orElseThrow(
            () -> new Refusal(Reason.ORGANIZATION_NOT_FOUND, "the organization has no wallet"));
  }

  private static WalletRow walletRow(ResultSet row) throws SQLException {
    return new WalletRow(
        row.getString("currency"),
        row.getLong("balance"),
        row.getLong("owed"),
        row.getLong("floor"),
        Arrears.State.valueOf(row.getString("state")),
        row.getTimestamp("state_since").toInstant(),
        instant(row, "state_until"),
        ZoneId.of(row.getString("time_zone")),
        row.getLong("replicas"),
        row.getLong("cpu"),
        row.getLong("memory"),
        row.getLong("storage"));
  }

  Optional<PriceList> prices(String currency) {
    return PriceLists.now(handle, currency);
  }

  /**
   * Until the transaction ends no part of an hour is being closed: what is used is priced first and
   * charged then, and both must see the same currency. Before the wallet is locked, as there.
   */
  void holdClosing() {
    handle.execute("lock table container_billing_cycles in share mode");
  }

  boolean everMoved() {
    return handle
        .createQuery(
            "select exists (select 1 from payment_transactions where organization_id = :id)")
        .bind("id", organization.value())
        .mapTo(Boolean.class)
        .one();
  }

  void update(@Nullable String currency, @Nullable Long floor, @Nullable String zone) {
    handle
        .createUpdate(
            """
            update wallets set currency = coalesce(:currency, currency), floor = coalesce(:floor, floor),
                               time_zone = coalesce(:zone, time_zone)
            where organization_id = :id
            """)
        .bind("id", organization.value())
        .bind("currency", currency)
        .bind("floor", floor)
        .bind("zone", zone)
        .execute();
  }

  List<Movement> movements(long before, int limit, boolean withoutCharges) {
    return handle
        .createQuery(
            TRANSACTIONS.formatted(
                "t.id < :before" + (withoutCharges ? " and t.kind <> 'CHARGE'" : "")))
        .bind("id", organization.value())
        .bind("before", before)
        .bind("limit", limit)
        .map((row, c) -> movement(row))
        .list();
  }

  Optional<Movement> movement(long id) {
    return handle
        .createQuery(TRANSACTIONS.formatted("t.id = :transaction"))
        .bind("id", organization.value())
        .bind("transaction", id)
        .bind("limit", 1)
        .map((row, c) -> movement(row))
        .findOne();
  }

  private static Movement movement(ResultSet row) throws SQLException {
    return new Movement(
        row.getLong("id"),
        Kind.valueOf(row.getString("kind")),
        row.getString("currency"),
        row.getLong("balance"),
        row.getLong("owed"),
        instant(row, "hour"),
        row.getObject("reverses", Long.class),
        row.getString("description"),
        row.getString("actor"),
        row.getTimestamp("created_at").toInstant());
  }

  /** What is left of a charge after what was given back of it. */
  long leftOf(long charge) {
    return handle
        .createQuery(CHARGED)
        .bind("id", organization.value())
        .bind("charge", charge)
        .mapTo(Long.class)
        .one();
  }

  /** Until when all hours are closed. */
  Instant closedUntil() {
    return handle
        .createQuery(
            "select hour + interval '1 hour' from billing_hours where closed_at is not null order by hour desc limit 1")
        .mapTo(Instant.class)
        .one();
  }

  List<HourRow> hours(Instant before, int limit) {
    return handle
        .createQuery(
            "select * from billing_hours where hour < :before order by hour desc limit :limit")
        .bind("before", Timestamp.from(before))
        .bind("limit", limit)
        .map(
            (row, c) ->
                new HourRow(
                    row.getTimestamp("hour").toInstant(),
                    instant(row, "closed_at"),
                    row.getBoolean("charged"),
                    row.getLong("services"),
                    row.getLong("wallets")))
        .list();
  }

  List<Listed> priceLists(String currency) {
    return handle
        .createQuery(
            "select * from price_lists where :currency in ('', currency) order by valid_from desc, currency limit 1000")
        .bind("currency", currency)
        .map((row, c) -> listed(row))
        .list();
  }

  private static Listed listed(ResultSet row) throws SQLException {
    return new Listed(
        PriceLists.of(row),
        row.getString("created_by"),
        row.getTimestamp("created_at").toInstant());
  }

  /** Null when the currency has one that begins then. */
  @Nullable Listed add(PriceList prices, String author) {
    return handle
        .createQuery(
            """
            insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour, memory_gib_hour,
                                     storage_gib_hour, egress_gib, build_minute, created_by)
            values (:currency, :from, :minimum, :replica, :vcpu, :memory, :storage, :egress, :build, :author)
            on conflict (currency, valid_from) do nothing
            returning *
            """)
        .bind("currency", prices.currency())
        .bind("from", Timestamp.from(prices.validFrom()))
        .bind("minimum", prices.minimumSeconds())
        .bind("replica", prices.replicaHour())
        .bind("vcpu", prices.vcpuHour())
        .bind("memory", prices.memoryGibHour())
        .bind("storage", prices.storageGibHour())
        .bind("egress", prices.egressGib())
        .bind("build", prices.buildMinute())
        .bind("author", author)
        .map((row, c) -> listed(row))
        .findOne()
        .orElse(null);
  }

  Optional<Listed> priceList(int id) {
    return handle
        .createQuery("select * from price_lists where id = :id")
        .bind("id", id)
        .map((row, c) -> listed(row))
        .findOne();
  }

  void deletePriceList(int id) {
    handle.execute("delete from price_lists where id = ?", id);
  }

  /** PostgreSQL's time, which everything that is measured goes by. */
  Instant now() {
    return handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one();
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp time = row.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }
}
