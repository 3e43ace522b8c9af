package dev.skep.controlplane.invoices;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the invoices of months whose hours are all closed: a transaction per organization and month
 * holds the wallet, writes the lines, and takes the number last. How far an organization is
 * invoiced stands at its wallet, so whatever happens in between, the next run goes on there.
 */
final class InvoiceRun {
  private static final Logger log = LoggerFactory.getLogger(InvoiceRun.class);
  private static final int PAGE = 500;

  /** No month is over earlier, also when the time zone is changed. */
  private static final String SHORTEST = "26 days";

  private static final String WALLET =
      """
      select w.organization_id, w.time_zone, w.invoiced_month, w.invoiced_until, f.hour as first
      from wallets w
      left join lateral (select t.hour from payment_transactions t
                         where w.invoiced_until is null and t.organization_id = w.organization_id and t.hour is not null
                         order by t.id limit 1) f on true
      where (w.invoiced_until <= :closed::timestamptz - interval '%s' or f.hour is not null)
      """
          .formatted(SHORTEST);

  private static final String CANDIDATES =
      WALLET + "and w.organization_id > :after order by w.organization_id limit " + PAGE;

  private static final String ONE = WALLET + "and w.organization_id = :id for update of w";

  private static final String LINES =
      """
      with used as (
        select c.service_id, c.resource, sum(c.quantity)::bigint as quantity, sum(c.cost)::bigint as amount
        from generate_series(:start::timestamptz, :end::timestamptz - interval '1 hour', interval '1 hour') h
        join billed_parts c on c.hour = h and c.organization_id = :id
        where c.hour >= :start and c.hour < :end
        group by c.service_id, c.resource having sum(c.cost) <> 0
      ),
      lines as (
        select u.resource as kind, u.service_id, coalesce(m.service_name, u.service_id::text) as name, u.quantity, u.amount,
               null::bigint as transaction, '' as description
        from used u left join meters m on m.service_id = u.service_id
        union all
        select 'REFUND', null, '', 0, e.amount, t.id, t.description
        from payment_transactions t
        join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
        where t.organization_id = :id and t.kind = 'REFUND' and t.created_at >= :start and t.created_at < :end
      ),
      written as (
        insert into invoice_lines (organization_id, month, line, kind, service_id, service_name, quantity, amount, transaction_id,
                                   description)
        select :id, :month::date, row_number() over (order by transaction nulls first, name, service_id, kind), kind, service_id, name,
               quantity, amount, transaction, description
        from lines
        returning amount
      )
      select count(*) as lines, coalesce(sum(amount), 0)::bigint as total from written
      """;

  private static final String EARNED =
      """
      select coalesce(sum(e.amount), 0)::bigint
      from (select t.id from generate_series(:start::timestamptz, :end::timestamptz - interval '1 hour', interval '1 hour') h
            join payment_transactions t on t.hour = h and t.organization_id = :id
            union all
            select t.id from payment_transactions t
            where t.organization_id = :id and t.kind = 'REFUND' and t.created_at >= :start and t.created_at < :end) t
      join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
      """;

  private static final String ADVANCE =
      "update wallets set invoiced_month = :month, invoiced_until = :end where organization_id = :id";

  private static final String NUMBER =
      """
      insert into invoice_numbers (year, last) values (:year, 1)
      on conflict (year) do update set last = invoice_numbers.last + 1 returning last
      """;

  private static final String INSERT =
      """
      insert into invoices (organization_id, month, year, serial, start_time, end_time, time_zone, organization_name, seller,
                            currency, total, created_at)
      select organization_id, :month::date, :year, :serial, :start::timestamptz, :end::timestamptz, time_zone, organization_name, :seller,
             currency, :total, :now::timestamptz
      from wallets where organization_id = :id
      """;

  private final Database database;
  private final LeaderLease lease;
  private final String seller;

  InvoiceRun(Database database, LeaderLease lease, String seller) {
    this.database = database;
    this.lease = lease;
    this.seller = seller;
  }

  private record Due(UUID organization, Period period) {}

  private record Written(long lines, long total) {}

  /** The ledger and its cycles disagree; whoever checks the ledger tells people. */
  private static final class Disagreement extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Disagreement(Due due, long lines, long earned) {
      super(
          "%s of organization %s: its cycles cost %d, the ledger says %d"
              .formatted(due.period.month(), due.organization, lines, earned));
    }
  }

  /**
   * Makes every invoice that is due; returns how many.
   *
   * @param closed until when all hours are closed
   * @param now the date that they carry
   * @throws LeaderLease.LeadershipLost when another process leads by now
   */
  int makeDue(Instant closed, Instant now) {
    int made = 0;
    UUID after = new UUID(0, 0);
    while (true) {
      List<Row> page = candidates(closed, after);
      for (Row row : page) {
        made += makeAll(row, closed, now);
      }
      if (page.size() < PAGE) {
        return made;
      }
      after = page.getLast().organization;
    }
  }

  private int makeAll(Row row, Instant closed, Instant now) {
    int made = 0;
    try {
      Optional<Boolean> step = due(row, closed).flatMap(due -> makeNext(row, closed, now));
      while (step.isPresent()) {
        made += step.get() ? 1 : 0;
        step = makeNext(row, closed, now);
      }
    } catch (Disagreement e) {
      log.error("no invoice is made of {}", e.getMessage());
    }
    return made;
  }

  /** Whether it made one; empty when no month is due. */
  private Optional<Boolean> makeNext(Row candidate, Instant closed, Instant now) {
    return database.inTransaction(
        handle -> {
          Optional<Boolean> made =
              lock(handle, candidate.organization, closed)
                  .flatMap(row -> due(row, closed))
                  .map(due -> make(handle, due, now));
          lease.fence(handle);
          return made;
        });
  }

  private boolean make(Handle handle, Due due, Instant now) {
    Written written = write(handle, due);
    long earned = bound(handle, EARNED, due).mapTo(Long.class).one();
    if (written.total != earned) {
      throw new Disagreement(due, written.total, earned);
    }
    handle
        .createUpdate(ADVANCE)
        .bind("id", due.organization)
        .bind("month", first(due))
        .bind("end", Timestamp.from(due.period.end()))
        .execute();
    if (written.lines > 0) {
      number(handle, due, earned, now);
    }
    return written.lines > 0;
  }

  private static Written write(Handle handle, Due due) {
    return bound(handle, LINES, due)
        .bind("month", first(due))
        .map((row, c) -> new Written(row.getLong("lines"), row.getLong("total")))
        .one();
  }

  private static org.jdbi.v3.core.statement.Query bound(Handle handle, String sql, Due due) {
    return handle
        .createQuery(sql)
        .bind("id", due.organization)
        .bind("start", Timestamp.from(due.period.start()))
        .bind("end", Timestamp.from(due.period.end()));
  }

  /** Last of all: until the commit nobody else gets a number. */
  private void number(Handle handle, Due due, long total, Instant now) {
    int year = now.atZone(ZoneOffset.UTC).getYear();
    int serial = handle.createQuery(NUMBER).bind("year", year).mapTo(Integer.class).one();
    handle
        .createUpdate(INSERT)
        .bind("id", due.organization)
        .bind("month", first(due))
        .bind("year", year)
        .bind("serial", serial)
        .bind("start", Timestamp.from(due.period.start()))
        .bind("end", Timestamp.from(due.period.end()))
        .bind("seller", seller)
        .bind("total", total)
        .bind("now", Timestamp.from(now))
        .execute();
  }

  private static Date first(Due due) {
    return Date.valueOf(due.period.month().atDay(1));
  }

  /** How far an organization is invoiced. */
  private record Row(
      UUID organization,
      ZoneId zone,
      @Nullable YearMonth month,
      @Nullable Instant until,
      @Nullable Instant firstHour) {

    Optional<Period> next() {
      if (month != null && until != null) {
        return Optional.of(Period.after(month, until, zone));
      }
      return Optional.ofNullable(firstHour).map(hour -> Period.with(hour, zone));
    }
  }

  private static Optional<Due> due(Row row, Instant closed) {
    return row.next()
        .filter(period -> !period.end().isAfter(closed))
        .map(period -> new Due(row.organization, period));
  }

  private List<Row> candidates(Instant closed, UUID after) {
    return database.read(
        handle ->
            handle
                .createQuery(CANDIDATES)
                .bind("closed", Timestamp.from(closed))
                .bind("after", after)
                .map((row, c) -> row(row))
                .list());
  }

  private static Optional<Row> lock(Handle handle, UUID organization, Instant closed) {
    return handle
        .createQuery(ONE)
        .bind("closed", Timestamp.from(closed))
        .bind("id", organization)
        .map((row, c) -> row(row))
        .findOne();
  }

  private static Row row(ResultSet row) throws SQLException {
    Date month = row.getDate("invoiced_month");
    return new Row(
        row.getObject("organization_id", UUID.class),
        ZoneId.of(row.getString("time_zone")),
        month == null ? null : YearMonth.from(month.toLocalDate()),
        instant(row, "invoiced_until"),
        instant(row, "first"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    Timestamp time = row.getTimestamp(column);
    return time == null ? null : time.toInstant();
  }
}
