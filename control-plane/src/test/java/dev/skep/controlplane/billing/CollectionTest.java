package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.ledger.Kind;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CollectionTest {
  private static final Duration GRACE = Duration.ofDays(3);
  private static final Duration KEEP = Duration.ofDays(30);

  private final Billed billed = new Billed();
  private final LeaderLease lease = new LeaderLease(billed.test.database());
  private final OrganizationId acme = billed.test.addOrganization("acme");
  private final Collection collection =
      new Collection(
          billed.test.database(), lease, billed.test.ids(), new Arrears.Terms(GRACE, KEEP));
  private final Instant start = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  @BeforeEach
  void addServices() {
    billed.test.addService(acme, "web", 1, Specs.minimal().build());
    billed.test.addService(acme, "api", 2, Specs.minimal().build());
    billed.test.addService(acme, "idle", 1, Specs.minimal().build());
    billed.test.execute("update container_services set wanted = 'STOPPED' where name = 'idle'");
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    billed.close();
  }

  @Test
  void servicesAreStoppedAfterTheGraceAndStartedAgainWhenAllIsPaid() {
    owe(5_000_000);
    collection.run(start);
    assertThat(state()).isEqualTo("GRACE");
    assertThat(running()).containsExactly("api", "web");
    assertThat(notices("wallet_grace")).hasSize(1);

    collection.run(start.plus(GRACE).minusSeconds(1));
    assertThat(state()).isEqualTo("GRACE");
    collection.run(start.plus(GRACE));
    assertThat(state()).isEqualTo("STOPPED");
    assertThat(running()).isEmpty();
    assertThat(notices("wallet_stopped").getFirst()).contains("5.00 EUR");
    assertThat(events("service_suspended")).isEqualTo(2);
    // Its user wants it stopped, whatever is paid.
    billed.test.execute("update container_services set suspended_at = null where name = 'api'");

    billed.topUp(acme, "half", 2_500_000, "EUR");
    collection.run(start.plus(GRACE));
    assertThat(state()).isEqualTo("STOPPED");
    billed.topUp(acme, "rest", 2_500_000, "EUR");
    collection.run(start.plus(GRACE));
    assertThat(state()).isEqualTo("ACTIVE");
    assertThat(running()).containsExactly("web");
    assertThat(notices("wallet_active")).hasSize(1);
    assertThat(events("service_resumed")).isEqualTo(1);
    assertThat(billed.findings()).isEmpty();
  }

  @Test
  void whatStaysUnpaidIsDeletedAtLast() {
    owe(1);
    collection.run(start);
    collection.run(start.plus(GRACE));
    collection.run(start.plus(GRACE).plus(KEEP));

    assertThat(state()).isEqualTo("EXPIRED");
    assertThat(
            billed.test.list(
                String.class, "select name from container_services where wanted <> 'DELETED'"))
        .as("what its user had stopped costs nothing and stays")
        .containsExactly("idle");
    assertThat(notices("wallet_expired")).hasSize(1);
    collection.run(start.plus(GRACE).plus(KEEP).plus(KEEP));
    assertThat(notices("wallet_expired")).hasSize(1);
  }

  @Test
  void moreServicesThanFitIntoATransactionAreAllStopped() {
    for (int i = 0; i < 110; i++) {
      billed.test.addService(acme, "s" + i, 1, Specs.minimal().build());
    }
    owe(1);
    collection.run(start);
    collection.run(start.plus(GRACE));

    assertThat(state()).isEqualTo("STOPPED");
    assertThat(running()).isEmpty();
    billed.topUp(acme, "one", 1, "EUR");
    collection.run(start.plus(GRACE));
    assertThat(running()).hasSize(112);
  }

  @Test
  void oneWhoseStepFailsDoesNotKeepTheOthersFromTheirs() {
    OrganizationId beta = billed.test.addOrganization("beta");
    owe(1);
    billed.post(beta, Kind.CHARGEBACK, "taken back from beta", 1, "EUR");
    billed.test.execute(
        "create function fail() returns trigger language plpgsql as $$ begin"
            + " if new.organization_id = '%s' then raise exception 'on purpose'; end if; return new; end $$"
                .formatted(acme.value()));
    billed.test.execute(
        "create trigger fail before insert on notifications for each row execute function fail()");
    collection.run(start);

    assertThat(state()).isEqualTo("ACTIVE");
    assertThat(notices("wallet_grace")).singleElement().asString().contains("beta");
    billed.test.execute("drop trigger fail on notifications");
    collection.run(start);
    assertThat(state()).isEqualTo("GRACE");
  }

  private void owe(long amount) {
    billed.post(acme, Kind.CHARGEBACK, "taken back " + amount, amount, "EUR");
  }

  private String state() {
    return billed
        .test
        .list(String.class, "select state from wallets where organization_id = ?", acme.value())
        .getFirst();
  }

  private List<String> running() {
    return billed.test.list(
        String.class, "select name from container_services where wanted = 'RUNNING' order by name");
  }

  private List<String> notices(String type) {
    return billed.test.list(String.class, "select message from notifications where type = ?", type);
  }

  private long events(String type) {
    return billed.test.number("select count(*) from deployment_events where type = ?", type);
  }
}
