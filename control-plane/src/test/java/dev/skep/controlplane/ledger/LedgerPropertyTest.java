package dev.skep.controlplane.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
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

  @Test
  void entriesThatDoNotAddUpAreRefusedByTheDatabase() {
    Posting paid = new Posting(acme, Kind.TOP_UP, "one", 500, "EUR", null, "", "");
    long there = test.database().inTransaction(handle -> Ledger.post(handle, paid)).transaction();

    refused("(%d, 8, '%s', 'WALLET', 7), (%d, 9, '%s', 'FUNDING', -6)", there, acme, there, acme);
    refused("(%d, 8, '%s', 'WALLET', 7), (%d, 9, '%s', 'FUNDING', -7)", there, beta, there, beta);
    refused("(%d, 8, '%s', 'WALLET', 7), (%d, 9, '%s', 'FUNDING', -7)", there, acme, there, beta);
    refused("(%d, 1, '%s', 'WALLET', 7), (%d, 2, '%s', 'FUNDING', -7)", -1, acme, -1, acme);
    refused("(%d, 8, '%s', 'WALLET', 7)", there, acme);
    assertThat(test.number("select sum(abs(amount))::bigint from ledger_entries")).isEqualTo(1000);
  }

  private void refused(String rows, Object... values) {
    Object[] plain =
        Arrays.stream(values).map(v -> v instanceof OrganizationId o ? o.value() : v).toArray();
    assertThatThrownBy(
            () -> test.execute("insert into ledger_entries values " + rows.formatted(plain)))
        .hasMessageContaining("add up to zero");
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
