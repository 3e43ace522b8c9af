package dev.skep.controlplane.billing;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

/** A database with prices, in which time begins at an hour of choice. */
public final class Billed implements AutoCloseable {
  public static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  public final TestDatabase test = TestDatabase.create();

  public Billed() {
    test.execute("truncate billing_hours");
    test.execute(
        "insert into billing_hours (hour, charged, closed_at) values (?, false, now())",
        Timestamp.from(START.minus(1, ChronoUnit.HOURS)));
  }

  /** An hour of a replica 1 EUR, of a vCPU 10, of a GiB of memory 2, of a GiB of storage 0.5. */
  public void prices(Instant from, String currency, long times) {
    test.execute(
        "insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour,"
            + " memory_gib_hour, storage_gib_hour, egress_gib, build_minute, created_by)"
            + " values (?, ?, 60, ?, ?, ?, ?, ?, ?, 'test')",
        currency,
        Timestamp.from(from),
        1_000_000 * times,
        10_000_000 * times,
        2_000_000 * times,
        500_000 * times,
        100_000 * times,
        20_000 * times);
  }

  /** One replica with a vCPU and a GiB of memory. */
  void ran(OrganizationId organization, UUID service, Instant from, Duration time) {
    test.execute(
        "insert into usage_intervals values (?, ?, ?, ?, 1, 1000, 1024, 0)",
        service,
        organization.value(),
        Timestamp.from(from),
        Timestamp.from(from.plus(time)));
  }

  Ledger.Posted topUp(OrganizationId organization, String key, long amount, String currency) {
    return post(organization, Kind.TOP_UP, key, amount, currency);
  }

  Ledger.Posted post(
      OrganizationId organization, Kind kind, String key, long amount, String currency) {
    return test.database()
        .inTransaction(
            h ->
                Ledger.post(
                    h, new Posting(organization, kind, key, amount, currency, null, "", "test")));
  }

  public List<String> findings() {
    return test.database().read(h -> LedgerCheck.findings(h, Instant.EPOCH));
  }

  long balance(OrganizationId organization) {
    return test.number(
        "select balance from wallets where organization_id = ?", organization.value());
  }

  long owed(OrganizationId organization) {
    return test.number("select owed from wallets where organization_id = ?", organization.value());
  }

  @Override
  public void close() {
    test.close();
  }
}
