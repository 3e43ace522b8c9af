package dev.skep.bench;

import dev.skep.controlplane.billing.HourClose;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An hour of usage closed by the product, beside what the same rows cost in bare SQL without a
 * ledger: the obvious statement, rows without a key behind a marker, and sums per wallet alone.
 */
final class BillingBench {
  /** Half a vCPU and a quarter of a GiB for an hour at the prices below. */
  private static final long EACH = 10_000 + 50_000 + 5_000;

  private static final long CHUNK = 500_000;

  private final BenchDatabase postgres;
  private final HourClose hours;
  private final long services;
  private final long wallets;
  private Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).plus(Duration.ofDays(1));
  private int closed;

  BillingBench(BenchDatabase postgres, LeaderLease lease, long services, long wallets, int batch) {
    this.postgres = postgres;
    this.hours = new HourClose(postgres.database(), lease, true, batch);
    this.services = services;
    this.wallets = wallets;
  }

  /** What the hours need, before anything is measured. */
  void fill() {
    fill(postgres, services, wallets, hour.minus(1, ChronoUnit.HOURS));
    execute(
        postgres,
        "create table accounts (id uuid primary key, balance bigint) with (fillfactor = 70)");
    execute(
        postgres,
        "insert into accounts select organization_id, balance from wallets where organization_name <> 'bench'");
    execute(
        postgres,
        "create table naive (service_id uuid, hour timestamptz, organization_id uuid, amount bigint,"
            + " primary key (service_id, hour))");
    execute(postgres, "create table sums (hour timestamptz, organization_id uuid, amount bigint)");
    execute(postgres, "create table markers (hour timestamptz primary key)");
    postgres.tidy();
  }

  /**
   * Services that run all the time, scattered over wallets that carry it; {@code last}: the hour
   * that is closed.
   */
  static void fill(BenchDatabase postgres, long services, long wallets, Instant last) {
    execute(
        postgres,
        "insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour, memory_gib_hour,"
            + " storage_gib_hour, egress_gib, build_minute, created_by)"
            + " values ('EUR', '2026-01-01Z', 60, 10000, 100000, 20000, 100, 1000, 1000, 'bench')");
    inChunks(
        postgres,
        wallets,
        "insert into wallets (organization_id, organization_name, currency, balance)"
            + " select gen_random_uuid(), 'o' || n, 'EUR', 1000000000000 from generate_series(?::bigint, ?) n");
    inChunks(
        postgres,
        services,
        "insert into meters (service_id, organization_id, service_name, since, replicas, cpu_millis, memory_mib)"
            + " select gen_random_uuid(), w.ids[1 + n % cardinality(w.ids)], 's' || n, '2026-01-01Z', 1, 500, 256"
            + " from generate_series(?::bigint, ?) n,"
            + " (select array_agg(organization_id) as ids from wallets where organization_name like 'o%') w");
    execute(postgres, "truncate billing_hours");
    execute(
        postgres,
        "insert into billing_hours (hour, charged, closed_at) values (?, true, now())",
        Timestamp.from(last));
    postgres.tidy();
  }

  /** A connection waits half a minute for an answer. */
  private static void inChunks(BenchDatabase postgres, long rows, String sql) {
    for (long from = 1; from <= rows; from += CHUNK) {
      execute(postgres, sql, from, Math.min(from + CHUNK - 1, rows));
    }
  }

  /** However long it takes. */
  private static void execute(BenchDatabase postgres, String sql, Object... arguments) {
    postgres
        .database()
        .useTransaction(
            h -> {
              h.execute("set local statement_timeout = 0");
              h.execute(sql, arguments);
            });
  }

  /** One hour of the product; seconds. */
  double ours() {
    Instant due = hour.plus(1, ChronoUnit.HOURS).plus(HourClose.LAG);
    double seconds = seconds(() -> require(hours.closeDue(due) == 1, "one hour was due"));
    closed++;
    check();
    return seconds;
  }

  /** The same hour again. */
  double replay() {
    Instant due = hour.plus(1, ChronoUnit.HOURS).plus(HourClose.LAG);
    return seconds(() -> require(hours.closeDue(due) == 0, "nothing was due"));
  }

  void nextHour() {
    hour = hour.plus(1, ChronoUnit.HOURS);
  }

  private void check() {
    require(
        postgres
                .list(
                    Long.class,
                    "select count(*) from container_billing_cycles where hour = ?",
                    Timestamp.from(hour))
                .getFirst()
            == services,
        "each service has its cycle");
    require(
        postgres.number("select coalesce(sum(amount), 0)::bigint from ledger_entries") == 0,
        "the ledger adds up to zero");
    require(
        postgres.number(
                "select sum(1000000000000 - balance)::bigint from wallets where organization_name <> 'bench'")
            == closed * services * EACH,
        "wallets paid what was used");
  }

  /** A row per service under its key, and the balances, in one statement that can be repeated. */
  double naive() {
    return run(
        """
        with used as (
          insert into naive select service_id, ?, organization_id, %s from meters on conflict do nothing
          returning organization_id, amount),
        sums as (select organization_id, sum(amount) as amount from used group by organization_id)
        update accounts a set balance = balance - s.amount from sums s where s.organization_id = a.id
        """);
  }

  /** Rows per service without a key, in a table of the hour, behind a marker. */
  double marked() {
    String table = "marked_" + hour.getEpochSecond();
    execute(
        postgres,
        "create table " + table + " (service_id uuid, organization_id uuid, amount bigint)");
    double seconds =
        run(
            """
            with marker as (insert into markers values (?)),
            used as (insert into %s select service_id, organization_id, %%s from meters returning organization_id, amount),
            sums as (select organization_id, sum(amount) as amount from used group by organization_id)
            update accounts a set balance = balance - s.amount from sums s where s.organization_id = a.id
            """
                .formatted(table));
    execute(postgres, "drop table " + table);
    return seconds;
  }

  /** Sums per wallet alone: what each service used follows from the meters. */
  double intervals() {
    return run(
        """
        with used as (
          insert into sums select ?, organization_id, sum(%s) from meters group by organization_id
          returning organization_id, amount)
        update accounts a set balance = balance - s.amount from used s where s.organization_id = a.id
        """);
  }

  private double run(String sql) {
    String cost =
        "(replicas * 10000 + cpu_millis * 100000 / 1000 + memory_mib * 20000 / 1024)::bigint";
    return seconds(() -> execute(postgres, sql.formatted(cost), Timestamp.from(hour)));
  }

  private static double seconds(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException("not so: " + what);
    }
  }
}
