package dev.skep.controlplane.invoices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.billing.Billed;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class InvoiceRunTest {
  private static final Instant START = Billed.START;
  private static final Instant APRIL = Instant.parse("2026-04-01T00:00:00Z");

  private final Charged charged = new Charged();
  private final OrganizationId acme = charged.organization("acme", "EUR", "UTC", 3);
  private final OrganizationId beta = charged.organization("beta", "EUR", "UTC", 2);

  @BeforeEach
  void use() {
    charged.billed.prices(START.minus(Duration.ofDays(1)), "EUR", 1);
    charged.use(START, START.plus(Duration.ofDays(40)));
  }

  @AfterEach
  void close() {
    charged.close();
  }

  @Test
  void aMonthIsInvoicedWhenItsLastHourIsClosedAndNotBefore() {
    assertThat(charged.invoice(APRIL.minusSeconds(3600))).isZero();
    assertThat(charged.invoice(APRIL)).isEqualTo(2);
    assertThat(numbers()).containsExactly("2026-000001", "2026-000002");
    assertThat(charged.invoice(APRIL)).isZero();
    assertThat(charged.billed.findings()).isEmpty();
  }

  @Test
  void whatFailsTakesNoNumberAndIsMadeByTheNextRun() {
    charged.test.execute(
        "create function fail() returns trigger language plpgsql as $$ begin"
            + " if new.organization_id = '%s' then raise exception 'no'; end if; return new; end $$"
                .formatted(beta));
    charged.test.execute(
        "create trigger fail before insert on invoices for each row execute function fail()");
    assertThatThrownBy(() -> charged.invoice(APRIL)).hasMessageContaining("no");
    assertThat(numbers()).containsExactly("2026-000001");
    charged.test.execute("drop trigger fail on invoices");

    assertThat(charged.invoice(APRIL)).isEqualTo(1);
    assertThat(numbers()).containsExactly("2026-000001", "2026-000002");
    assertThat(charged.billed.findings()).isEmpty();
  }

  @Test
  void runsAtTheSameTimeMakeEachOnce() throws Exception {
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      int made =
          executor
              .invokeAll(
                  IntStream.range(0, 4)
                      .<Callable<Integer>>mapToObj(i -> () -> charged.invoice(APRIL))
                      .toList())
              .stream()
              .mapToInt(Future::resultNow)
              .sum();
      assertThat(made).isEqualTo(2);
    }
    assertThat(charged.billed.findings()).isEmpty();
  }

  @Test
  void whoDoesNotLeadMakesNone() {
    charged.lease.close();
    try (LeaderLease other = new LeaderLease(charged.test.database())) {
      other.start();
      assertThatThrownBy(() -> charged.invoice(APRIL))
          .isInstanceOf(LeaderLease.LeadershipLost.class);
      assertThat(numbers()).isEmpty();
    }
  }

  @Test
  void noInvoiceIsMadeOfALedgerThatDisagreesWithWhatWasUsed() {
    charged.test.execute("alter table container_billing_cycles disable trigger never_changes");
    charged.test.execute(
        "update container_billing_cycles set replica_seconds = replica_seconds + 1 where hour < ?"
            + " and organization_id = ?",
        java.sql.Timestamp.from(APRIL),
        acme.value());

    assertThat(charged.invoice(APRIL)).isEqualTo(1);
    assertThat(charged.test.list(String.class, "select organization_name from invoices"))
        .containsExactly("beta");
  }

  @Test
  void invoicesNeverChangeAndTheCheckFindsOneThatDid() {
    charged.invoice(APRIL);
    assertThatThrownBy(() -> charged.test.execute("update invoices set total = total + 1"))
        .hasMessageContaining("never changes");
    assertThatThrownBy(() -> charged.test.execute("delete from invoice_lines"))
        .hasMessageContaining("never changes");

    charged.test.execute("alter table invoices disable trigger never_changes");
    charged.test.execute(
        "update invoices set total = total + 1 where organization_id = ?", acme.value());
    charged.test.execute("delete from invoices where organization_id = ?", beta.value());
    assertThat(charged.billed.findings())
        .anySatisfy(f -> assertThat(f).contains("its lines are"))
        .anySatisfy(f -> assertThat(f).contains("invoices of acme add up to"))
        .anySatisfy(f -> assertThat(f).contains("invoices of beta add up to 0"))
        .anySatisfy(f -> assertThat(f).contains("has the number 2, there are 1"));
  }

  @Test
  void aMonthWithNothingButARefundIsACreditNote() {
    charged.invoice(Instant.parse("2026-05-01T00:00:00Z"));
    charged.test.execute(
        "with t as (insert into payment_transactions (organization_id, currency, kind, key, created_at)"
            + " values (?, 'EUR', 'REFUND', 'x', '2026-05-31T23:59:59.999Z') returning id, organization_id)"
            + " insert into ledger_entries select id, line, organization_id, account, amount from t,"
            + " (values (1, 'REVENUE', -2000000), (2, 'RECEIVABLE', 2000000)) e (line, account, amount)",
        acme.value());
    charged.test.execute(
        "update wallets set owed = owed - 2000000 where organization_id = ?", acme.value());

    assertThat(charged.invoice(Instant.parse("2026-06-01T00:00:00Z"))).isEqualTo(1);
    var service = new InvoicesService(charged.test.database());
    Invoice note = service.invoices(acme, java.time.YearMonth.of(2026, 6), 1).getFirst();
    assertThat(note.total()).isEqualTo(-2_000_000);
    assertThat(note.title()).isEqualTo("Credit note");
    assertThat(charged.billed.findings()).isEmpty();
  }

  private List<String> numbers() {
    return charged.test.list(String.class, "select number from invoices order by number");
  }
}
