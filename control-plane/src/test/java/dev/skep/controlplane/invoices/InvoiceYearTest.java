package dev.skep.controlplane.invoices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.OrganizationId;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A leap year of 1,000 services, against what PostgreSQL says of time zones and the ledger. */
final class InvoiceYearTest {
  private static final Instant START = Instant.parse("2028-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2029-01-01T00:00:00Z");
  private static final List<String> ZONES =
      List.of(
          "UTC",
          "Europe/Berlin",
          "America/St_Johns",
          "Asia/Kolkata",
          "Pacific/Apia",
          "Australia/Lord_Howe",
          "Asia/Kathmandu",
          "Pacific/Kiritimati",
          "Etc/GMT+12",
          "America/New_York");
  private static final List<String> CURRENCIES = List.of("EUR", "USD", "JPY");
  private static final int SERVICES = 100;

  private static final String EARNED =
      """
      select t.organization_id || ' ' || to_char(coalesce(t.hour, t.created_at) at time zone w.time_zone, 'YYYY-MM')
             || ' ' || sum(e.amount)
      from payment_transactions t
      join wallets w on w.organization_id = t.organization_id
      join ledger_entries e on e.transaction_id = t.id and e.account = 'REVENUE'
      where w.organization_name <> 'mover'
      group by t.organization_id, to_char(coalesce(t.hour, t.created_at) at time zone w.time_zone, 'YYYY-MM')
      order by 1
      """;

  private static final String INVOICED =
      """
      select organization_id || ' ' || to_char(month, 'YYYY-MM') || ' ' || total from invoices
      where organization_name <> 'mover' order by 1
      """;

  private static final String NOT_IN_ONE =
      """
      select count(*) from payment_transactions t
      where (select count(*) from invoices i
             where i.organization_id = t.organization_id and i.start_time <= coalesce(t.hour, t.created_at)
               and coalesce(t.hour, t.created_at) < i.end_time) <> 1
      """;

  private final Charged charged = new Charged();

  @AfterEach
  void close() {
    charged.close();
  }

  @Test
  void invoicesOfALeapYearAreTheLedgerInEveryTimeZone() {
    OrganizationId mover = generate();
    int made = 0;
    for (YearMonth month = YearMonth.of(2028, 2); month.getYear() < 2029; month = next(month)) {
      made += charged.invoice(secondOf(month));
      if (month.getMonthValue() == 6) {
        move(mover, "Pacific/Kiritimati");
      } else if (month.getMonthValue() == 9) {
        move(mover, "Etc/GMT+12");
      }
    }
    made += charged.invoice(secondOf(YearMonth.of(2029, 1)));
    made += charged.invoice(secondOf(YearMonth.of(2029, 2)));

    assertThat(charged.test.number("select count(*) from invoices")).isEqualTo(made);
    assertThat(charged.test.list(String.class, INVOICED))
        .hasSizeGreaterThan(12 * ZONES.size() - 12)
        .isEqualTo(charged.test.list(String.class, EARNED));
    assertThat(charged.test.number(NOT_IN_ONE)).isZero();
    assertThat(numbers()).isEqualTo(numbersWithoutGaps());
    assertThat(charged.invoice(secondOf(YearMonth.of(2029, 2)))).as("nothing is left").isZero();
    assertThat(charged.billed.findings()).isEmpty();
    whatIsShownAddsUp(mover);
  }

  private OrganizationId generate() {
    charged.test.execute("truncate billing_hours");
    charged.test.execute(
        "insert into billing_hours (hour, charged, closed_at) select h, true, now()"
            + " from generate_series(?::timestamptz, ?::timestamptz, interval '1 hour') h",
        Timestamp.from(START.minusSeconds(3600)),
        Timestamp.from(secondOf(YearMonth.of(2029, 2)).minusSeconds(3600)));
    for (String currency : CURRENCIES) {
      charged.billed.prices(START.minusSeconds(86_400), currency, CURRENCIES.indexOf(currency) + 1);
      charged.billed.prices(Instant.parse("2028-07-04T07:00:00Z"), currency, 5);
    }
    for (int i = 0; i < ZONES.size() - 1; i++) {
      charged.organization("org-" + i, CURRENCIES.get(i % 3), ZONES.get(i), SERVICES);
    }
    OrganizationId mover = charged.organization("mover", "EUR", ZONES.getLast(), SERVICES);
    charged.organization("idle", "EUR", "Europe/Berlin", 0);
    charged.use(START, END);
    charged.giveBack(499);
    return mover;
  }

  private void move(OrganizationId mover, String zone) {
    charged.test.execute(
        "update wallets set time_zone = ? where organization_id = ?", zone, mover.value());
  }

  private void whatIsShownAddsUp(OrganizationId organization) {
    var service = new InvoicesService(charged.test.database());
    List<Invoice> invoices = service.invoices(organization, YearMonth.of(9999, 1), 100);
    // Hours from December to December there, and perhaps a refund in the January behind.
    assertThat(invoices).hasSizeBetween(13, 14);
    for (Invoice invoice : invoices) {
      List<Line> lines = service.invoice(organization, invoice.number()).lines();
      for (int most : new int[] {3, 1_000}) {
        List<Line> shown = invoice.shown(lines, most);
        assertThat(shown.stream().mapToLong(Line::rounded).sum())
            .isEqualTo(Rounding.shown(invoice.total()));
        assertThat(shown.stream().mapToLong(Line::amount).sum()).isEqualTo(invoice.total());
      }
    }
  }

  private List<String> numbers() {
    return charged.test.list(String.class, "select number from invoices order by year, serial");
  }

  private List<String> numbersWithoutGaps() {
    List<String> numbers = new ArrayList<>();
    for (int year : new int[] {2028, 2029}) {
      long count = charged.test.number("select count(*) from invoices where year = ?", year);
      for (int i = 1; i <= count; i++) {
        numbers.add("%d-%06d".formatted(year, i));
      }
    }
    return numbers;
  }

  private static YearMonth next(YearMonth month) {
    return month.plusMonths(1);
  }

  private static Instant secondOf(YearMonth month) {
    return month.atDay(2).atStartOfDay(ZoneOffset.UTC).toInstant();
  }
}
