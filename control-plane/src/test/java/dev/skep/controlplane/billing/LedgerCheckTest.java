package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.OrganizationId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LedgerCheckTest {
  private final Billed billed = new Billed();
  private final OrganizationId acme = billed.test.addOrganization("acme");
  private final OrganizationId beta = billed.test.addOrganization("beta");

  @AfterEach
  void close() {
    billed.close();
  }

  @Test
  void whatWasFoundRightIsNotReadAgainAndWhatCameSinceIs() {
    billed.topUp(acme, "one", 500, "EUR");
    billed.topUp(beta, "two", 300, "EUR");
    Instant between = now();
    keep(between);
    long last = billed.topUp(acme, "three", 70, "EUR").transaction();
    assertThat(kept()).containsExactly("500", "300");
    assertThat(since(between)).isEmpty();

    keep(now());
    keep(now());
    assertThat(kept()).containsExactly("570", "300");
    assertThat(since(between)).isEmpty();
    assertThat(billed.findings()).isEmpty();

    // An entry that was found right is changed behind the ledger's back: reading everything finds
    // it.
    tamper(
        "update ledger_entries set amount = amount + 1 where transaction_id = %d".formatted(last));
    assertThat(billed.findings()).anyMatch(finding -> finding.contains("wallet of acme has 570"));
    tamper(
        "update ledger_entries set amount = amount - 1 where transaction_id = %d".formatted(last));
    billed.test.execute("update wallets set balance = 571 where organization_name = 'acme'");
    assertThat(since(now())).singleElement().asString().contains("wallet of acme has 571");
    assertThat(billed.findings()).hasSize(1);
  }

  private void tamper(String sql) {
    billed.test.execute("alter table ledger_entries disable trigger never_changes");
    billed.test.execute(sql);
    billed.test.execute("alter table ledger_entries enable trigger never_changes");
  }

  private void keep(Instant before) {
    billed.test.database().useTransaction(handle -> LedgerCheck.keep(handle, before));
  }

  private List<String> since(Instant since) {
    return billed.test.database().read(handle -> LedgerCheck.findings(handle, since));
  }

  private List<String> kept() {
    return billed
        .test
        .database()
        .read(
            handle ->
                handle
                    .createQuery("select balance - owed from wallet_checks order by balance desc")
                    .mapTo(String.class)
                    .list());
  }

  private Instant now() {
    return billed
        .test
        .database()
        .read(handle -> handle.createQuery("select clock_timestamp()").mapTo(Instant.class).one());
  }
}
