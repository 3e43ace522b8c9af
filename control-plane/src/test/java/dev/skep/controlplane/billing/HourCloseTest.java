package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class HourCloseTest {
  /** Of one replica with a vCPU and a GiB in an hour: 1 + 10 + 2 EUR. */
  private static final long HOURLY = 13_000_000;

  private static final Instant START = Billed.START;

  private final Billed billed = new Billed();
  private final LeaderLease lease = new LeaderLease(billed.test.database());
  private final OrganizationId acme = billed.test.addOrganization("acme");
  private final OrganizationId beta = billed.test.addOrganization("beta");
  private final UUID web = UUID.randomUUID();
  private final UUID db = UUID.randomUUID();

  @BeforeEach
  void start() {
    billed.prices(START.minus(Duration.ofDays(1)), "EUR", 1);
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    billed.close();
  }

  @Test
  void anHourIsChargedOnceAndNotBeforeItIsOver() {
    billed.topUp(acme, "one", 100_000_000, "EUR");
    billed.ran(acme, web, START, Duration.ofHours(2));
    assertThat(close(START.plus(Duration.ofMinutes(61)))).isZero();

    assertThat(close(hours(1))).isEqualTo(1);
    assertThat(billed.balance(acme)).isEqualTo(100_000_000 - HOURLY);
    assertThat(close(hours(1))).isZero();
    assertThat(close(hours(2))).isEqualTo(1);

    assertThat(billed.balance(acme)).isEqualTo(100_000_000 - 2 * HOURLY);
    assertThat(cycles()).isEqualTo(2);
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void partsOfAnHourAreChargedBySecondsAndLittleAsTheMinimum() {
    billed.ran(acme, web, START.plusSeconds(10), Duration.ofMinutes(30));
    billed.ran(acme, db, START.plusSeconds(10), Duration.ofSeconds(7));
    billed.ran(acme, db, START.plusSeconds(100), Duration.ofSeconds(8));
    close(hours(1));

    assertThat(amount(web)).isEqualTo(HOURLY / 2);
    // 60 of 3600 seconds: 16,666.67 + 166,666.67 + 33,333.33, each rounded.
    assertThat(amount(db)).isEqualTo(16_667 + 166_667 + 33_333);
    assertThat(billed.owed(acme)).isEqualTo(amount(web) + amount(db));
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void whatStillRunsStorageBytesAndBuildsAreCharged() {
    billed.test.execute(
        "insert into meters values (?, ?, 'web', ?, 2, 500, 256, 10240)",
        web,
        beta.value(),
        Timestamp.from(START.minusSeconds(999)));
    billed.test.execute(
        "insert into usage_counters values (?, ?, 'EGRESS', ?, ?), (?, ?, 'BUILD', ?, 90)",
        web,
        Timestamp.from(START),
        beta.value(),
        3L << 30,
        web,
        Timestamp.from(START),
        beta.value());
    close(hours(1));

    // 2 replicas, half a vCPU, a quarter of a GiB, 10 GiB, 3 GiB sent, one and a half minutes.
    assertThat(amount(web))
        .isEqualTo(2_000_000 + 5_000_000 + 500_000 + 5_000_000 + 300_000 + 30_000);
    assertThat(billed.test.number("select sum(cost)::bigint from billed_parts"))
        .isEqualTo(amount(web));
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void afterThirtyHoursOfAbsenceEachIsChargedAtItsOwnPrices() {
    billed.prices(hours(20).minus(HourClose.LAG), "EUR", 3);
    billed.topUp(acme, "one", 2_000_000_000, "EUR");
    billed.ran(acme, web, START, Duration.ofHours(40));

    assertThat(close(hours(30))).isEqualTo(30);
    assertThat(billed.balance(acme)).isEqualTo(2_000_000_000 - (20 + 3 * 10) * HOURLY);
    assertThat(cycles()).isEqualTo(30);
    assertThat(close(hours(30))).isZero();
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void whoLosesTheLeadInTheMiddleLeavesTheRestToTheNextOne() {
    OrganizationId[] all = {
      acme, beta, billed.test.addOrganization("c"), billed.test.addOrganization("d")
    };
    for (OrganizationId one : all) {
      UUID service = UUID.randomUUID();
      billed.ran(one, service, START, Duration.ofHours(1));
      billed.test.execute(
          "insert into meters (service_id, organization_id, service_name) values (?, ?, 'x')",
          service,
          one.value());
    }
    try (LeaderLease other = new LeaderLease(billed.test.database())) {
      HourClose frozen = new HourClose(billed.test.database(), lease, true, 1);
      lease.close();
      other.start();
      assertThatThrownBy(() -> frozen.closeDue(hours(1)))
          .isInstanceOf(LeaderLease.LeadershipLost.class);
      assertThat(cycles()).isZero();

      // Two of four are done when it fails.
      billed.test.execute(
          "create function fail() returns trigger language plpgsql as $$ begin"
              + " if new.organization_id = '%s' then raise exception 'no'; end if; return new; end $$"
                  .formatted(all[2]));
      billed.test.execute(
          "create trigger fail before insert on payment_transactions for each row execute function fail()");
      HourClose next = new HourClose(billed.test.database(), other, true, 1);
      assertThatThrownBy(() -> next.closeDue(hours(1))).hasMessageContaining("no");
      assertThat(cycles()).isEqualTo(2);
      billed.test.execute("drop trigger fail on payment_transactions");

      next.closeDue(hours(1));
      assertThat(cycles()).isEqualTo(4);
      for (OrganizationId one : all) {
        assertThat(billed.owed(one)).isEqualTo(HOURLY);
      }
      assertThat(billed.findings()).isEmpty();
    }
  }

  @Test
  void hoursThatEndWhileNothingIsChargedAreMeasuredAndNeverCharged() {
    billed.ran(acme, web, START, Duration.ofHours(3));
    new HourClose(billed.test.database(), lease, false, 1000).closeDue(hours(2));
    close(hours(3));

    assertThat(cycles()).isEqualTo(3);
    assertThat(billed.owed(acme)).isEqualTo(HOURLY);
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void theWalletPaysDownToItsFloorAndTheRestIsOwed() {
    billed.topUp(acme, "one", 3_000_000, "EUR");
    billed.test.execute(
        "update wallets set floor = -4000000 where organization_id = ?", acme.value());
    billed.ran(acme, web, START, Duration.ofHours(1));
    close(hours(1));

    assertThat(billed.balance(acme)).isEqualTo(-4_000_000);
    assertThat(billed.owed(acme)).isEqualTo(HOURLY - 7_000_000);
    billed.topUp(acme, "two", 20_000_000, "EUR");
    assertThat(billed.balance(acme)).isEqualTo(10_000_000);
    assertThat(billed.owed(acme)).isZero();
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void aCurrencyWaitsUntilWhatIsPricedIsCharged() {
    billed.ran(acme, web, START, Duration.ofHours(1));
    billed.test.execute("select make_cycles_partition(?)", Timestamp.from(START));
    HourBatch batch =
        new HourBatch(
            START, START.plus(Duration.ofHours(1)), true, new UUID(0, 0), new UUID(-1, -1));
    billed
        .test
        .database()
        .useTransaction(
            closing -> {
              batch.writeCycles(closing);
              // From a thread of its own: on this one it would be the same transaction.
              assertThatThrownBy(() -> CompletableFuture.runAsync(this::changeCurrency).join())
                  .hasStackTraceContaining("lock timeout");
              batch.charge(closing);
            });
    changeCurrency();
    assertThat(billed.owed(acme)).isEqualTo(HOURLY);
  }

  private void changeCurrency() {
    billed
        .test
        .database()
        .useTransaction(
            handle -> {
              handle.execute("set local lock_timeout = '200ms'");
              new BillingStore(handle, acme).holdClosing();
            });
  }

  private int close(Instant now) {
    return new HourClose(billed.test.database(), lease, true, 1000).closeDue(now);
  }

  /** When so many hours are over and may be closed. */
  private static Instant hours(int number) {
    return START.plus(Duration.ofHours(number)).plus(HourClose.LAG);
  }

  private long cycles() {
    return billed.test.number("select count(*) from container_billing_cycles");
  }

  private long amount(UUID service) {
    return billed.test.number(
        "select amount from container_billing_cycles where service_id = ?", service);
  }
}
