package dev.skep.controlplane.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No sequence of movements, repetitions and races makes a unit appear or vanish. */
final class LedgerPropertyTest {
  private static final int CLIENTS = 32;
  private static final int MOVEMENTS = 40;
  private static final List<Kind> KINDS =
      List.of(Kind.TOP_UP, Kind.CREDIT, Kind.REFUND, Kind.PAYOUT, Kind.CHARGEBACK);

  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId acme = test.addOrganization("acme");
  private final OrganizationId beta = test.addOrganization("beta");

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void whatIsThereIsWhatCameInLessWhatWentOut() throws Exception {
    test.execute("update wallets set floor = -500 where organization_id = ?", beta.value());
    Map<String, Posting> written = new ConcurrentHashMap<>();
    List<Callable<Void>> clients = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      Random random = new Random(client);
      clients.add(
          () -> {
            for (int i = 0; i < MOVEMENTS; i++) {
              move(posting(random), written);
            }
            return null;
          });
    }
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Void> future : executor.invokeAll(clients)) {
        done(future);
      }
    }

    assertThat(written).hasSizeGreaterThan(CLIENTS * MOVEMENTS / 4);
    assertThat(test.number("select count(*) from payment_transactions")).isEqualTo(written.size());
    for (OrganizationId organization : List.of(acme, beta)) {
      Wallet wallet = test.database().read(handle -> Wallets.read(handle, organization));
      assertThat(wallet.balance()).isGreaterThanOrEqualTo(wallet.floor());
      assertThat(wallet.owed()).isNotNegative();
      assertThat(wallet.balance() - wallet.owed())
          .isEqualTo(
              written.values().stream()
                  .filter(posting -> posting.organization().equals(organization))
                  .mapToLong(LedgerPropertyTest::given)
                  .sum());
    }
    assertThat(test.number("select coalesce(sum(amount), 0)::bigint from ledger_entries")).isZero();
    assertThat(
            test.number(
                """
                select count(*) from wallets w
                where balance <> (select coalesce(sum(amount), 0) from ledger_entries e
                                  where e.organization_id = w.organization_id and account = 'WALLET')
                   or owed <> (select coalesce(-sum(amount), 0) from ledger_entries e
                               where e.organization_id = w.organization_id and account = 'RECEIVABLE')
                """))
        .isZero();
  }

  /** The same key always says the same, except where it is meant to be refused. */
  private Posting posting(Random random) {
    int number = random.nextInt(CLIENTS * MOVEMENTS / 2);
    Random fixed = new Random(number);
    OrganizationId organization = fixed.nextBoolean() ? acme : beta;
    Kind kind = KINDS.get(fixed.nextInt(KINDS.size()));
    long amount = fixed.nextLong(1, 1000);
    boolean other = random.nextInt(20) == 0;
    return new Posting(
        organization, kind, "key-" + number, other ? amount + 1 : amount, "EUR", null, "", "");
  }

  private void move(Posting posting, Map<String, Posting> written) {
    try {
      Ledger.Posted posted = test.database().inTransaction(handle -> Ledger.post(handle, posting));
      if (!posted.again()) {
        assertThat(written.put(posting.key(), posting)).isNull();
      }
    } catch (Refusal e) {
      assertThat(e.reason().name()).isIn("PAYMENT_KEY_REUSED", "INSUFFICIENT_FUNDS");
    }
  }

  private static long given(Posting posting) {
    return switch (posting.kind()) {
      case TOP_UP, CREDIT, REFUND -> posting.amount();
      case CHARGE, PAYOUT, CHARGEBACK -> -posting.amount();
    };
  }

  private static void done(Future<Void> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }
}
