package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.EmbeddedDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.ledger.Ledger;
import dev.skep.controlplane.ledger.Posting;
import dev.skep.controlplane.state.LeaderLease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hours are closed by two control planes while thirty-two clients pay, PostgreSQL is killed again
 * and again and the leader changes: each service pays each hour once, and each payment counts once.
 */
final class BillingCrashTest {
  private static final int WALLETS = 60;
  private static final int SERVICES = 40;
  private static final int HOURS = 6;
  private static final int CLIENTS = 32;
  private static final int PAYMENTS = 12;
  private static final int KILLS = 3;
  private static final long HOURLY = 1_000;
  private static final long PAYMENT = 777;
  private static final Duration PAUSE = Duration.ofMillis(20);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Instant START = Billed.START;

  private final Random random = new Random(7);

  @Test
  void eachServicePaysEachHourOnceAndEachPaymentCountsOnce(@TempDir Path directory)
      throws Exception {
    try (EmbeddedDatabase server = EmbeddedDatabase.start(directory);
        Database first = Database.open(server.url());
        Database second = Database.open(server.url());
        LeaderLease follower = new LeaderLease(second);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<OrganizationId> wallets = fill(first);
      LeaderLease leader = new LeaderLease(first);
      leader.start();
      follower.start();
      List<Future<?>> work = new ArrayList<>();
      work.add(threads.submit(() -> close(first, leader)));
      work.add(threads.submit(() -> close(second, follower)));
      for (int client = 0; client < CLIENTS; client++) {
        int number = client;
        work.add(threads.submit(() -> pay(number % 2 == 0 ? first : second, wallets, number)));
      }
      for (int kill = 0; kill < KILLS; kill++) {
        Thread.sleep(random.nextInt(50, 400));
        kill(directory);
        until("PostgreSQL is back", () -> isAlive(first));
        if (kill == 1) {
          leader.close();
        }
      }
      for (Future<?> one : work) {
        one.get();
      }

      assertThat(number(first, "select count(*) from container_billing_cycles"))
          .isEqualTo((long) WALLETS * SERVICES * HOURS);
      assertThat(number(first, "select count(*) from payment_transactions where kind = 'CHARGE'"))
          .isEqualTo((long) WALLETS * HOURS);
      assertThat(number(first, "select count(*) from payment_transactions where kind = 'TOP_UP'"))
          .isEqualTo((long) CLIENTS * PAYMENTS);
      assertThat(number(first, "select sum(balance - owed)::bigint from wallets"))
          .isEqualTo(CLIENTS * PAYMENTS * PAYMENT - WALLETS * SERVICES * HOURS * HOURLY);
      assertThat(first.<List<String>>read(h -> LedgerCheck.findings(h, Instant.EPOCH))).isEmpty();
    }
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

  /** As the loop of a control plane does: whatever happens, again. */
  private static void close(Database database, LeaderLease lease) {
    HourClose hours = new HourClose(database, lease, true, 3 * SERVICES);
    Instant end = START.plus(Duration.ofHours(HOURS)).plus(HourClose.LAG);
    until(
        "all hours are closed",
        () -> {
          if (lease.epoch() != 0) {
            hours.closeDue(end);
          }
          return number(database, "select count(*) from billing_hours where closed_at is not null")
              == HOURS + 1;
        });
  }

  /** Repeats what was not answered: nobody knows whether it was done. */
  private static void pay(Database database, List<OrganizationId> wallets, int client) {
    for (int i = 0; i < PAYMENTS; i++) {
      Posting posting =
          new Posting(
              wallets.get((client + i) % WALLETS),
              Kind.TOP_UP,
              "payment-" + client + "-" + i,
              PAYMENT,
              "EUR",
              null,
              "",
              "");
      until("paid", () -> database.inTransaction(h -> Ledger.post(h, posting)).transaction() > 0);
    }
  }

  private static boolean isAlive(Database database) {
    return number(database, "select 1") == 1;
  }

  private static long number(Database database, String sql) {
    return database.read(h -> h.createQuery(sql).mapTo(Long.class).one());
  }

  private static void kill(Path directory) throws IOException {
    String pid = Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst().trim();
    ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();
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
