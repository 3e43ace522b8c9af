package dev.skep.controlplane.billing;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Wallets behind {@code from} up to {@code until}, and an hour that they are charged for. What was
 * used is written first, without a lock that anybody waits for; the wallets are held for as long as
 * it takes to charge them.
 */
record HourBatch(Instant start, Instant end, boolean charged, UUID from, UUID until) {
  /**
   * Ranges are larger than a plan for any range would guess, and what one part of a statement hands
   * to the next has no statistics: joined row by row it would take the square of the time.
   */
  private static final String PLANS =
      """
      select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_nestloop', 'off', true),
             set_config('work_mem', '32MB', true)
      """;

  private static final String END =
      """
      select organization_id from meters where organization_id > :from
      order by organization_id offset :services limit 1
      """;

  private static final String WRITE_CYCLES =
      """
      insert into container_billing_cycles (hour, organization_id, service_id, price_list_id, replica_seconds,
        cpu_milli_seconds, memory_mib_seconds, storage_mib_seconds, egress_bytes, build_seconds, amount)
      with ended as (
        select organization_id, service_id, replicas * seconds as replica_seconds, cpu_millis * seconds as cpu,
               memory_mib * seconds as memory, storage_mib * seconds as storage, 0::bigint as egress, 0::bigint as build
        from usage_intervals
        cross join lateral (select extract(epoch from least(ended_at, :end) - greatest(started_at, :hour))::bigint as seconds) s
        where ended_at > :hour and started_at < :end and organization_id > :from and organization_id <= :until
        union all
        select organization_id, service_id, 0, 0, 0, 0,
               case resource when 'EGRESS' then quantity else 0 end, case resource when 'BUILD' then quantity else 0 end
        from usage_counters
        where hour = :hour and organization_id > :from and organization_id <= :until
      ),
      past as (
        select organization_id, service_id, sum(replica_seconds)::bigint as replica_seconds, sum(cpu)::bigint as cpu,
               sum(memory)::bigint as memory, sum(storage)::bigint as storage, sum(egress)::bigint as egress,
               sum(build)::bigint as build
        from ended group by organization_id, service_id
      ),
      going_on as (
        select organization_id, service_id, replicas * seconds as replica_seconds, cpu_millis * seconds as cpu,
               memory_mib * seconds as memory, storage_mib * seconds as storage
        from meters
        cross join lateral (select case when since <= :hour then 3600 else extract(epoch from :end - since) end::bigint
                                   as seconds) s
        where organization_id > :from and organization_id <= :until and since < :end and (replicas > 0 or storage_mib > 0)
      ),
      -- Written down, or each use of a column would compute it again.
      used as materialized (
        select organization_id, service_id, coalesce(g.replica_seconds, 0) + coalesce(p.replica_seconds, 0) as replica_seconds,
               coalesce(g.cpu, 0) + coalesce(p.cpu, 0) as cpu, coalesce(g.memory, 0) + coalesce(p.memory, 0) as memory,
               coalesce(g.storage, 0) + coalesce(p.storage, 0) as storage, coalesce(p.egress, 0) as egress,
               coalesce(p.build, 0) as build
        from going_on g full join past p using (organization_id, service_id)
      ),
      prices as (
        select distinct on (currency) * from price_lists where valid_from <= :hour and :charged
        order by currency, valid_from desc
      )
      select :hour, u.organization_id, u.service_id, p.id, least_paid.replica_seconds, least_paid.cpu, least_paid.memory,
             nullif(u.storage, 0), nullif(u.egress, 0), nullif(u.build, 0),
             coalesce(charge(least_paid.replica_seconds, 3600, p.replica_hour) + charge(least_paid.cpu, 3600000, p.vcpu_hour)
                      + charge(least_paid.memory, 3686400, p.memory_gib_hour) + charge(u.storage, 3686400, p.storage_gib_hour)
                      + charge(u.egress / 1024, 1048576, p.egress_gib) + charge(u.build, 60, p.build_minute), 0)
      from used u
      join wallets w on w.organization_id = u.organization_id and w.organization_id > :from and w.organization_id <= :until
      left join prices p on p.currency = w.currency
      cross join lateral (
        select case when few then p.minimum_seconds::bigint else u.replica_seconds end as replica_seconds,
               case when few then (u.cpu * p.minimum_seconds + u.replica_seconds - 1) / u.replica_seconds else u.cpu end as cpu,
               case when few then (u.memory * p.minimum_seconds + u.replica_seconds - 1) / u.replica_seconds
                    else u.memory end as memory
        from (select u.replica_seconds between 1 and p.minimum_seconds - 1 as few) f) least_paid
      order by u.organization_id, u.service_id
      """;

  private static final String CHARGE =
      """
      with held as (
        select organization_id, currency, balance - floor as left_over from wallets
        where organization_id > :from and organization_id <= :until order by organization_id for update
      ),
      used as (
        select organization_id, sum(amount)::bigint as amount from container_billing_cycles
        where hour = :hour and organization_id > :from and organization_id <= :until
        group by organization_id having sum(amount) > 0
      ),
      totals as (
        select organization_id, currency, amount, least(amount, left_over) as paid
        from used join held using (organization_id)
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
        from totals t
        where w.organization_id = t.organization_id and w.organization_id > :from and w.organization_id <= :until
      )
      select count(*) from totals
      """;

  /** The wallet with which so many services are reached; none when fewer are left. */
  static Optional<UUID> end(Handle handle, UUID from, int services) {
    return handle
        .createQuery(END)
        .bind("from", from)
        .bind("services", services - 1)
        .mapTo(UUID.class)
        .findOne();
  }

  /** What each service used, and what it costs; returns how many there were. */
  int writeCycles(Handle handle) {
    handle.execute(PLANS);
    return bind(handle.createUpdate(WRITE_CYCLES))
        .bind("end", Timestamp.from(end))
        .bind("charged", charged)
        .execute();
  }

  /** Takes what the hour's cycles cost from the wallets; returns how many paid. */
  long charge(Handle handle) {
    return bind(handle.createQuery(CHARGE)).mapTo(Long.class).one();
  }

  private <S extends SqlStatement<S>> S bind(S statement) {
    return statement.bind("hour", Timestamp.from(start)).bind("from", from).bind("until", until);
  }
}
