package dev.skep.controlplane.billing;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Whether the ledger says what it must; it changes nothing. */
final class LedgerCheck {
  /** Findings that are told of each rule; there may be as many as rows. */
  private static final int MOST = 20;

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              "every movement adds up to zero over two lines or more",
              """
              select 'movement ' || t.id || ' has ' || count(e.line) || ' lines that add up to ' || coalesce(sum(e.amount), 0)
              from payment_transactions t left join ledger_entries e on e.transaction_id = t.id
              where t.created_at >= :since
              group by t.id
              having count(e.line) < 2 or sum(e.amount) <> 0 or bool_or(e.organization_id <> t.organization_id)
              order by t.id
              """),
          new Rule(
              "a wallet has what its entries add up to",
              """
              select 'wallet of ' || w.organization_name || ' has ' || w.balance || ' and owes ' || w.owed
                     || ', its entries say ' || e.balance || ' and ' || e.owed
              from wallets w
              left join wallet_checks c on c.organization_id = w.organization_id and :since > timestamptz 'epoch'
              cross join lateral (
                select coalesce(c.balance, 0) + coalesce(sum(e.amount) filter (where e.account = 'WALLET'), 0) as balance,
                       coalesce(c.owed, 0) - coalesce(sum(e.amount) filter (where e.account = 'RECEIVABLE'), 0) as owed
                from payment_transactions t join ledger_entries e on e.transaction_id = t.id
                where t.organization_id = w.organization_id and t.id > coalesce(c.transaction_id, 0)) e
              where w.balance <> e.balance or w.owed <> e.owed
              order by w.organization_id
              """),
          new Rule(
              "no wallet is below its floor",
              """
              select 'wallet of ' || organization_name || ' has ' || balance || ', may go to ' || floor
              from wallets where balance < floor
              order by organization_id
              """),
          new Rule(
              "what an hour's cycles cost is what was charged for it",
              """
              select 'hour ' || coalesce(c.hour, t.hour) || ' of organization ' || coalesce(c.organization_id, t.organization_id)
                     || ' cost ' || coalesce(c.amount, 0) || ' and was charged ' || coalesce(t.amount, 0)
              from (select hour, organization_id, sum(amount) as amount from container_billing_cycles
                    where hour >= :since group by hour, organization_id having sum(amount) <> 0) c
              full join (select t.hour, t.organization_id, sum(e.amount) as amount
                         from payment_transactions t join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
                         where t.hour >= :since group by t.hour, t.organization_id) t
                on t.hour = c.hour and t.organization_id = c.organization_id
              where coalesce(c.amount, 0) <> coalesce(t.amount, 0)
              """),
          new Rule(
              "no hour is left out",
              """
              select 'hour ' || h || ' is missing'
              from generate_series((select min(hour) from billing_hours where hour >= :since),
                                   (select max(hour) from billing_hours), interval '1 hour') h
              where not exists (select 1 from billing_hours b where b.hour = h)
              order by h
              """),
          new Rule(
              "what was used in a closed hour has its cycle",
              """
              select 'service ' || i.service_id || ' ran in the hour ' || h.hour || ' and has no cycle for it'
              from billing_hours h
              join usage_intervals i on i.ended_at > h.hour and i.started_at < h.hour + interval '1 hour'
              where h.closed_at is not null and h.hour >= :since
                and not exists (select 1 from container_billing_cycles c
                                where c.hour = h.hour and c.organization_id = i.organization_id and c.service_id = i.service_id)
              """),
          new Rule(
              "an invoice is what its lines add up to",
              """
              select 'invoice ' || i.number || ' is ' || i.total || ', its lines are ' || coalesce(sum(l.amount), 0)
              from invoices i left join invoice_lines l on l.organization_id = i.organization_id and l.month = i.month
              where i.created_at >= :since
              group by i.organization_id, i.month
              having i.total <> coalesce(sum(l.amount), 0)
              order by i.number
              """),
          new Rule(
              "invoices are what was earned until where they end",
              """
              select 'invoices of ' || w.organization_name || ' add up to ' || coalesce(i.total, 0)
                     || ', the ledger says ' || coalesce(l.amount, 0)
              from wallets w
              cross join lateral (select sum(total) as total from invoices where organization_id = w.organization_id) i
              cross join lateral (select sum(e.amount) as amount
                                  from payment_transactions t
                                  join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
                                  where t.organization_id = w.organization_id
                                    and coalesce(t.hour, t.created_at) < w.invoiced_until) l
              where w.invoiced_until >= :since and coalesce(i.total, 0) <> coalesce(l.amount, 0)
              order by w.organization_id
              """),
          new Rule(
              "invoices of a year are numbered without gaps",
              """
              select 'the last invoice of ' || n.year || ' has the number ' || n.last || ', there are ' || count(i.serial)
              from invoice_numbers n left join invoices i on i.year = n.year
              group by n.year, n.last having n.last <> count(i.serial)
              """));

  /** What wallets' entries add up to, up to the last one that was written before a moment. */
  private static final String KEEP =
      """
      insert into wallet_checks as k (organization_id, transaction_id, balance, owed)
      select w.organization_id, last.id, coalesce(c.balance, 0) + e.balance, coalesce(c.owed, 0) + e.owed
      from wallets w
      left join wallet_checks c on c.organization_id = w.organization_id
      cross join lateral (
        select max(id) as id from payment_transactions
        where organization_id = w.organization_id and id > coalesce(c.transaction_id, 0) and created_at < :before) last
      cross join lateral (
        select coalesce(sum(e.amount) filter (where e.account = 'WALLET'), 0) as balance,
               coalesce(-sum(e.amount) filter (where e.account = 'RECEIVABLE'), 0) as owed
        from payment_transactions t join ledger_entries e on e.transaction_id = t.id
        where t.organization_id = w.organization_id and t.id > coalesce(c.transaction_id, 0) and t.id <= last.id) e
      where last.id is not null
      order by w.organization_id
      on conflict (organization_id) do update
      set transaction_id = excluded.transaction_id, balance = excluded.balance, owed = excluded.owed
      """;

  private LedgerCheck() {}

  private record Rule(String text, String query) {}

  /**
   * What is wrong, a sentence each; empty when nothing is.
   *
   * @param since movements and hours before it are not looked at, and wallets from what was kept of
   *     them on; EPOCH reads everything
   */
  static List<String> findings(Handle handle, Instant since) {
    List<String> findings = new ArrayList<>();
    for (Rule rule : RULES) {
      var query = handle.createQuery("select * from (" + rule.query + ") f limit " + MOST);
      if (rule.query.contains(":since")) {
        query.bind("since", Timestamp.from(since));
      }
      query.mapTo(String.class).forEach(text -> findings.add(text + " (" + rule.text + ")"));
    }
    return findings;
  }

  /** Of wallets that were found right; movements before a moment are not read again. */
  static void keep(Handle handle, Instant before) {
    handle.createUpdate(KEEP).bind("before", Timestamp.from(before)).execute();
  }
}
