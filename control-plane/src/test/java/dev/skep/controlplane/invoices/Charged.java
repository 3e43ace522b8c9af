package dev.skep.controlplane.invoices;

import dev.skep.controlplane.billing.Billed;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.Timestamp;
import java.time.Instant;

/** A ledger with generated usage, as closing hours leaves it, and a leader. */
final class Charged implements AutoCloseable {
  private static final String SERVICES =
      """
      insert into meters (service_id, organization_id, service_name)
      select md5(n || ?::text)::uuid, ?, 'service-' || n from generate_series(1, ?) n
      """;

  /** Each service in one hour of each day, a different one every day; odd quantities. */
  private static final String CYCLES =
      """
      insert into container_billing_cycles (hour, organization_id, service_id, price_list_id, replica_seconds, cpu_milli_seconds,
                                            memory_mib_seconds, storage_mib_seconds, amount)
      select h.hour, m.organization_id, m.service_id, p.id, q.s, q.s * 250, q.s * 1000, q.s * 77,
             charge(q.s, 3600, p.replica_hour) + charge(q.s * 250, 3600000, p.vcpu_hour)
             + charge(q.s * 1000, 3686400, p.memory_gib_hour) + charge(q.s * 77, 3686400, p.storage_gib_hour)
      from (select organization_id, service_id, row_number() over (order by service_id) as n from meters) m
      join wallets w on w.organization_id = m.organization_id
      cross join generate_series(0, extract(epoch from ?::timestamptz - ?::timestamptz)::int / 86400 - 1) day
      cross join lateral (select ?::timestamptz + make_interval(hours => day * 24 + ((m.n * 7 + day) % 24)::int) as hour) h
      cross join lateral (select 60 + (m.n * 37 + day * 11) % 3541 as s) q
      join (select id, currency, replica_hour, vcpu_hour, memory_gib_hour, storage_gib_hour, valid_from,
                   lead(valid_from, 1, 'infinity') over (partition by currency order by valid_from) as until
            from price_lists) p on p.currency = w.currency and p.valid_from <= h.hour and h.hour < p.until
      """;

  private static final String CHARGES =
      """
      with c as (
        select hour, organization_id, sum(amount)::bigint as amount from container_billing_cycles
        where hour >= ? and hour < ? group by hour, organization_id
      ),
      moved as (
        insert into payment_transactions (organization_id, currency, kind, hour)
        select c.organization_id, w.currency, 'CHARGE', c.hour from c join wallets w using (organization_id)
        order by c.hour, w.organization_name
        returning id, organization_id, hour
      )
      insert into ledger_entries (transaction_id, line, organization_id, account, amount)
      select m.id, e.line, m.organization_id, e.account, e.amount
      from moved m join c using (organization_id, hour)
      cross join lateral (values (1, 'REVENUE', c.amount), (2, 'RECEIVABLE', -c.amount)) e (line, account, amount)
      """;

  private static final String REFUNDS =
      """
      with charged as (
        select t.id, t.organization_id, t.currency, t.hour, e.amount / 3 + 1 as amount
        from payment_transactions t join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
        where t.id % ? = 0
      ),
      moved as (
        insert into payment_transactions (organization_id, currency, kind, key, reverses, description, created_at)
        select organization_id, currency, 'REFUND', 'refund:' || id, id, 'an outage', hour + interval '480 hours'
        from charged order by id
        returning id, organization_id, reverses
      )
      insert into ledger_entries (transaction_id, line, organization_id, account, amount)
      select m.id, e.line, m.organization_id, e.account, e.amount
      from moved m join charged c on c.id = m.reverses
      cross join lateral (values (1, 'REVENUE', -c.amount), (2, 'RECEIVABLE', c.amount)) e (line, account, amount)
      """;

  private static final String OWED =
      """
      update wallets w set owed = coalesce((select -sum(amount) from ledger_entries e
                                            where e.organization_id = w.organization_id and e.account = 'RECEIVABLE'), 0)
      """;

  final Billed billed = new Billed();
  final TestDatabase test = billed.test;
  final LeaderLease lease = new LeaderLease(test.database());

  Charged() {
    lease.start();
  }

  OrganizationId organization(String name, String currency, String zone, int services) {
    OrganizationId organization = test.addOrganization(name);
    test.execute(
        "update wallets set currency = ?, time_zone = ? where organization_id = ?",
        currency,
        zone,
        organization.value());
    test.execute(SERVICES, name, organization.value(), services);
    return organization;
  }

  /** What all services use from one midnight (UTC) to another. */
  void use(Instant from, Instant to) {
    Timestamp start = Timestamp.from(from);
    Timestamp end = Timestamp.from(to);
    for (Instant month = from; month.isBefore(to); month = month.plusSeconds(86_400L * 28)) {
      test.execute("select make_cycles_partition(?)", Timestamp.from(month));
    }
    test.execute("select make_cycles_partition(?)", Timestamp.from(to.minusSeconds(1)));
    test.execute(CYCLES, end, start, start);
    test.execute(CHARGES, start, end);
    test.execute(OWED);
    test.execute("analyze container_billing_cycles, payment_transactions, ledger_entries");
  }

  /** A part of every so-many-th charge is given back 20 days later. */
  void giveBack(int every) {
    test.execute(REFUNDS, every);
    test.execute(OWED);
  }

  int invoice(Instant closed) {
    return new InvoiceRun(test.database(), lease, "Seller").makeDue(closed, closed);
  }

  @Override
  public void close() {
    lease.close();
    billed.close();
  }
}
