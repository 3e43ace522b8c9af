package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.EmbeddedDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hours are closed by two processes while thirty-two clients pay; PostgreSQL is killed again and
 * again, and so is the process that leads: each service pays each hour once, and each payment
 * counts once.
 */
final class BillingCrashTest {
  private static final int WALLETS = 60;
  private static final int SERVICES = 40;
  private static final int HOURS = 12;
  private static final int CLIENTS = 32;
  private static final long HOURLY = 1_000;
  private static final long PAYMENT = 777;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration BETWEEN_PAYMENTS = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Instant START = Billed.START;

  /** Of the hours. */
  static final Instant END = START.plus(Duration.ofHours(HOURS));

  @Test
  void eachServicePaysEachHourOnceAndEachPaymentCountsOnce(@TempDir Path directory)
      throws Exception {
    try (EmbeddedDatabase server = EmbeddedDatabase.start(directory);
        Database database = Database.open(server.url());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<OrganizationId> wallets = fill(database);
      try (ClosingProcess one = ClosingProcess.start(server.url());
          ClosingProcess other = ClosingProcess.start(server.url())) {
        AtomicBoolean over = new AtomicBoolean();
        List<Future<Integer>> paid = new ArrayList<>();
        for (int client = 0; client < CLIENTS; client++) {
          int number = client;
          paid.add(threads.submit(() -> pay(database, wallets, number, over)));
        }
        killPostgres(directory, database, 2);
        killPostgres(directory, database, 4);
        until("hours are closed", () -> closed(database) >= 6);
        assertThat(closed(database)).isLessThan(HOURS);
        killLeader(database, one, other);
        killPostgres(directory, database, 8);
        until("all hours are closed", () -> closed(database) == HOURS);
        over.set(true);
        long payments = 0;
        for (Future<Integer> client : paid) {
          payments += client.get();
        }
        assertThat(payments).isGreaterThan(CLIENTS);
        assertThat(number(database, "select epoch from leases")).isGreaterThan(1);
        verify(database, payments);
      }
    }
  }

  private static void verify(Database database, long payments) {
    assertThat(number(database, "select count(*) from container_billing_cycles"))
        .isEqualTo((long) WALLETS * SERVICES * HOURS);
    assertThat(number(database, "select count(*) from payment_transactions where kind = 'CHARGE'"))
        .isEqualTo((long) WALLETS * HOURS);
    assertThat(number(database, "select count(*) from payment_transactions where kind = 'TOP_UP'"))
        .isEqualTo(payments);
    assertThat(number(database, "select sum(balance - owed)::bigint from wallets"))
        .isEqualTo(payments * PAYMENT - WALLETS * SERVICES * HOURS * HOURLY);
    assertThat(database.<List<String>>read(h -> LedgerCheck.findings(h, Instant.EPOCH))).isEmpty();
  }

  private static List<OrganizationId> fill(Database database) {
    List<OrganizationId> wallets = new ArrayList<>();
    database.useTransaction(
        h -> {
          h.execute(
              "insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour,"
                  + " memory_gib_hour, storage_gib_hour, egress_gib, build_minute, created_by)"
                  + " values ('EUR', ?, 60, ?, 0, 0, 0, 0, 0, 'test')",
              Timestamp.from(START),
              HOURLY);
          h.execute("truncate billing_hours");
          h.execute(
              "insert into billing_hours (hour, charged, closed_at) values (?, false, now())",
              Timestamp.from(START.minus(Duration.ofHours(1))));
          for (int i = 0; i < WALLETS; i++) {
            UUID id = UUID.randomUUID();
            wallets.add(new OrganizationId(id));
            h.execute(
                "insert into wallets (organization_id, organization_name, currency) values (?, ?, 'EUR')",
                id,
                "o" + i);
            h.execute(
                "insert into meters (service_id, organization_id, service_name, since, replicas)"
                    + " select gen_random_uuid(), ?, 's', ?, 1 from generate_series(1, ?)",
                id,
                Timestamp.from(START.minusSeconds(1)),
                SERVICES);
          }
        });
    return wallets;
  }

  private static long closed(Database database) {
    return number(database, "select count(*) - 1 from billing_hours where closed_at is not null");
  }

  /** Until all is closed. Repeats what was not answered: nobody knows whether it was done. */
  private static int pay(
      Database database, List<OrganizationId> wallets, int client, AtomicBoolean over) {
    int paid = 0;
    while (!over.get()) {
      Posting posting =
          new Posting(
              wallets.get((client + paid) % WALLETS),
              Kind.TOP_UP,
              "payment-" + client + "-" + paid,
              PAYMENT,
              "EUR",
              null,
              "",
              "");
      until("paid", () -> database.inTransaction(h -> Ledger.post(h, posting)).transaction() > 0);
      paid++;
      LockSupport.parkNanos(BETWEEN_PAYMENTS.toNanos());
    }
    return paid;
  }

  /** The process that holds the lease, as the kernel kills: nothing of it is tidied up. */
  private static void killLeader(Database database, ClosingProcess one, ClosingProcess other) {
    until(
        "the leader is known",
        () -> {
          long epoch = number(database, "select epoch from leases");
          List<ClosingProcess> leaders =
              Stream.of(one, other).filter(process -> process.epoch() == epoch).toList();
          leaders.forEach(ClosingProcess::kill);
          return leaders.size() == 1;
        });
  }

  private static void killPostgres(Path directory, Database database, int closedHours)
      throws IOException {
    until("hours are closed", () -> closed(database) >= closedHours);
    String pid = Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst().trim();
    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
    until("PostgreSQL is back", () -> number(database, "select 1") == 1);
  }

  private static long number(Database database, String sql) {
    return database.read(h -> h.createQuery(sql).mapTo(Long.class).one());
  }

  /** Failures are what this is about: they are answered by another attempt. */
  private static void until(String what, BooleanSupplier attempt) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      RuntimeException failure = null;
      try {
        if (attempt.getAsBoolean()) {
          return;
        }
      } catch (RuntimeException e) {
        failure = e;
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + what, failure);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
