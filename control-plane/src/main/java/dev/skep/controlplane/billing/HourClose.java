package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes hours that are over, in order, in batches of wallets: what was used becomes rows of
 * cycles, charges and balances, all in one transaction with how far it is. Whatever happens in
 * between, the next one goes on behind the last commit.
 */
public final class HourClose {
  /** Changes of an hour that is over are committed by then. */
  public static final Duration LAG = Duration.ofMinutes(2);

  /** Services in a transaction, about. */
  public static final int BATCH = 20_000;

  private static final Logger log = LoggerFactory.getLogger(HourClose.class);
  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);

  private static final String CURRENT =
      "select hour, charged, done_until, closed_at from billing_hours order by hour desc limit 1";

  private static final String LOCK =
      "select hour, charged, done_until, closed_at from billing_hours where hour = :hour for update";

  private static final String OPEN =
      "insert into billing_hours (hour, charged) values (:hour, :charged) on conflict do nothing";

  /** The organization with which a batch is full; none at the end. */
  private static final String UNTIL =
      """
      select organization_id from meters where organization_id > :from
      order by organization_id offset :services limit 1
      """;

  private static final String LOCK_WALLETS =
      """
      select count(*) from (select 1 from wallets where organization_id > :from and organization_id <= :until
                            order by organization_id for update) w
      """;

  private static final String CLOSE =
      """
      with parts as (
        select m.service_id, m.organization_id, m.replicas, m.cpu_millis, m.memory_mib, m.storage_mib,
               extract(epoch from :end - greatest(m.since, :hour))::bigint as seconds, 0::bigint as egress, 0::bigint as build
        from meters m
        where m.organization_id > :from and m.organization_id <= :until and m.since < :end
          and (m.replicas > 0 or m.storage_mib > 0)
        union all
        select i.service_id, i.organization_id, i.replicas, i.cpu_millis, i.memory_mib, i.storage_mib,
               extract(epoch from least(i.ended_at, :end) - greatest(i.started_at, :hour))::bigint, 0, 0
        from usage_intervals i
        where i.ended_at > :hour and i.started_at < :end and i.organization_id > :from and i.organization_id <= :until
        union all
        select c.service_id, c.organization_id, 0, 0, 0, 0, 0,
               case c.resource when 'EGRESS' then c.quantity else 0 end, case c.resource when 'BUILD' then c.quantity else 0 end
        from usage_counters c
        where c.hour = :hour and c.organization_id > :from and c.organization_id <= :until
      ),
      used as (
        select organization_id, service_id, sum(replicas * seconds)::bigint as replica_seconds,
               sum(cpu_millis * seconds)::bigint as cpu, sum(memory_mib * seconds)::bigint as memory,
               sum(storage_mib * seconds)::bigint as storage, sum(egress)::bigint as egress, sum(build)::bigint as build
        from parts group by organization_id, service_id
      ),
      prices as (
        select distinct on (currency) * from price_lists where valid_from <= :hour and :charged
        order by currency, valid_from desc
      ),
      priced as (
        select u.organization_id, u.service_id, p.id as list, least_paid.replica_seconds, least_paid.cpu, least_paid.memory,
               nullif(u.storage, 0) as storage, nullif(u.egress, 0) as egress, nullif(u.build, 0) as build,
               coalesce(charge(least_paid.replica_seconds, 3600, p.replica_hour) + charge(least_paid.cpu, 3600000, p.vcpu_hour)
                        + charge(least_paid.memory, 3686400, p.memory_gib_hour) + charge(u.storage, 3686400, p.storage_gib_hour)
                        + charge(u.egress / 1024, 1048576, p.egress_gib) + charge(u.build, 60, p.build_minute), 0) as amount
        from used u
        join wallets w on w.organization_id = u.organization_id
        left join prices p on p.currency = w.currency
        cross join lateral (
          select case when few then p.minimum_seconds::bigint else u.replica_seconds end as replica_seconds,
                 case when few then (u.cpu * p.minimum_seconds + u.replica_seconds - 1) / u.replica_seconds else u.cpu end as cpu,
                 case when few then (u.memory * p.minimum_seconds + u.replica_seconds - 1) / u.replica_seconds
                      else u.memory end as memory
          from (select u.replica_seconds between 1 and p.minimum_seconds - 1 as few) f) least_paid
      ),
      cycles as (
        insert into container_billing_cycles (hour, organization_id, service_id, price_list_id, replica_seconds,
          cpu_milli_seconds, memory_mib_seconds, storage_mib_seconds, egress_bytes, build_seconds, amount)
        select :hour, organization_id, service_id, list, replica_seconds, cpu, memory, storage, egress, build, amount
        from priced order by organization_id, service_id
      ),
      totals as (
        select t.organization_id, w.currency, t.amount, least(t.amount, w.balance - w.floor) as paid
        from (select organization_id, sum(amount)::bigint as amount from priced group by organization_id) t
        join wallets w on w.organization_id = t.organization_id
        where t.amount > 0
      ),
      moved as (
        insert into payment_transactions (organization_id, currency, kind, hour)
        select organization_id, currency, 'CHARGE', :hour from totals order by organization_id
        returning id, organization_id
      ),
      entries as (
        insert into ledger_entries (transaction_id, line, organization_id, account, amount)
        select m.id, e.line, m.organization_id, e.account, e.amount
        from moved m join totals t on t.organization_id = m.organization_id
        cross join lateral (values (1, 'REVENUE', t.amount), (2, 'WALLET', -t.paid), (3, 'RECEIVABLE', t.paid - t.amount))
                           e (line, account, amount)
        where e.amount <> 0 order by m.id, e.line
      ),
      balances as (
        update wallets w set balance = w.balance - t.paid, owed = w.owed + t.amount - t.paid
        from totals t where t.organization_id = w.organization_id
      )
      select (select count(*) from priced) as services, (select count(*) from totals) as wallets
      """;

  private static final String ADVANCE =
      """
      update billing_hours
      set done_until = :until, services = services + :services, wallets = wallets + :wallets,
          closed_at = case when :last then clock_timestamp() end
      where hour = :hour
      """;

  private final Database database;
  private final LeaderLease lease;
  private final boolean charging;
  private final int batch;

  /**
   * {@code charging}: whether hours that are opened now cost anything; {@code batch}: services in a
   * transaction, about.
   */
  public HourClose(Database database, LeaderLease lease, boolean charging, int batch) {
    this.database = database;
    this.lease = lease;
    this.charging = charging;
    this.batch = batch;
  }

  private record Hour(Instant start, boolean charged, @Nullable UUID doneUntil, boolean closed) {
    Instant end() {
      return start.plus(Duration.ofHours(1));
    }

    UUID from() {
      return doneUntil == null ? FIRST : doneUntil;
    }
  }

  private record Batch(long services, long wallets) {}

  /**
   * Closes what is over at a moment of PostgreSQL's time; returns how many hours.
   *
   * @throws LeaderLease.LeadershipLost when another process leads by now
   */
  public int closeDue(Instant now) {
    int closed = 0;
    while (true) {
      Optional<Hour> due =
          database.read(handle -> hour(handle, CURRENT, null)).flatMap(last -> due(last, now));
      if (due.isEmpty()) {
        return closed;
      }
      close(due.get());
      closed++;
    }
  }

  /** The hour to work on: the last one that was begun, or the next one. */
  private Optional<Hour> due(Hour last, Instant now) {
    if (!last.closed) {
      return Optional.of(last);
    }
    Hour next = new Hour(last.end(), charging, null, false);
    return next.end().plus(LAG).isAfter(now) ? Optional.empty() : Optional.of(open(next));
  }

  private Hour open(Hour next) {
    return fenced(
        handle -> {
          handle.execute("select make_cycles_partition(?)", Timestamp.from(next.start));
          handle
              .createUpdate(OPEN)
              .bind("hour", Timestamp.from(next.start))
              .bind("charged", next.charged)
              .execute();
          return hour(handle, LOCK, next.start).orElseThrow();
        });
  }

  private void close(Hour hour) {
    long started = System.nanoTime();
    while (!fenced(handle -> step(handle, hour.start))) {
      log.debug("hour {}: a batch is written", hour.start);
    }
    log.info(
        "hour {} is closed after {} ms{}",
        hour.start,
        (System.nanoTime() - started) / 1_000_000,
        hour.charged ? "" : ", nothing was charged");
  }

  /** One batch; true when it was the last one. */
  private boolean step(Handle handle, Instant start) {
    Hour hour = hour(handle, LOCK, start).orElseThrow();
    if (hour.closed) {
      return true;
    }
    Optional<UUID> full =
        handle
            .createQuery(UNTIL)
            .bind("from", hour.from())
            .bind("services", batch - 1)
            .mapTo(UUID.class)
            .findOne();
    UUID until = full.orElse(LAST);
    handle
        .createQuery(LOCK_WALLETS)
        .bind("from", hour.from())
        .bind("until", until)
        .mapTo(Long.class)
        .one();
    Batch done = write(handle, hour, until);
    handle
        .createUpdate(ADVANCE)
        .bind("hour", Timestamp.from(start))
        .bind("until", until)
        .bind("services", done.services)
        .bind("wallets", done.wallets)
        .bind("last", full.isEmpty())
        .execute();
    return full.isEmpty();
  }

  private static Batch write(Handle handle, Hour hour, UUID until) {
    return handle
        .createQuery(CLOSE)
        .bind("hour", Timestamp.from(hour.start))
        .bind("end", Timestamp.from(hour.end()))
        .bind("from", hour.from())
        .bind("until", until)
        .bind("charged", hour.charged)
        .map((row, c) -> new Batch(row.getLong("services"), row.getLong("wallets")))
        .one();
  }

  /** The lease is held at the end only: it cannot be renewed while it is. */
  private <T> T fenced(Function<Handle, T> work) {
    return database.inTransaction(
        handle -> {
          T result = work.apply(handle);
          lease.fence(handle);
          return result;
        });
  }

  private static Optional<Hour> hour(Handle handle, String sql, @Nullable Instant start) {
    var query = handle.createQuery(sql);
    if (start != null) {
      query.bind("hour", Timestamp.from(start));
    }
    return query.map((row, c) -> hour(row)).findOne();
  }

  private static Hour hour(ResultSet row) throws SQLException {
    return new Hour(
        row.getTimestamp("hour").toInstant(),
        row.getBoolean("charged"),
        row.getObject("done_until", UUID.class),
        row.getTimestamp("closed_at") != null);
  }
}
