package dev.skep.controlplane.billing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LowBalanceTest {
  /** Of two services of a replica, a vCPU and a GiB each: 13 EUR each. */
  private static final long HOURLY = 26_000_000;

  private final Billed billed = new Billed();
  private final LeaderLease lease = new LeaderLease(billed.test.database());
  private final OrganizationId acme = billed.test.addOrganization("acme");
  private final LowBalance lowBalance =
      new LowBalance(billed.test.database(), lease, billed.test.ids());

  @BeforeEach
  void start() {
    billed.prices(Billed.START.minus(Duration.ofDays(1)), "EUR", 1);
    for (int i = 0; i < 2; i++) {
      billed.test.execute(
          "insert into meters (service_id, organization_id, service_name, replicas, cpu_millis, memory_mib)"
              + " values (?, ?, 'web', 1, 1000, 1024)",
          UUID.randomUUID(),
          acme.value());
    }
    lease.start();
  }

  @AfterEach
  void close() {
    lease.close();
    billed.close();
  }

  @Test
  void peopleAreToldOncePerLevelAndAgainOnlyWhenItWasLeft() {
    assertThat(toldAt(100)).isEmpty();
    assertThat(toldAt(71))
        .singleElement()
        .asString()
        .contains("WARNING", "1846.00 EUR", "71 hours");
    assertThat(toldAt(73)).isEmpty();
    assertThat(toldAt(71)).isEmpty();
    assertThat(toldAt(23)).singleElement().asString().contains("CRITICAL", "23 hours");
    assertThat(toldAt(26)).isEmpty();
    assertThat(toldAt(23)).isEmpty();
    assertThat(toldAt(50)).isEmpty();
    assertThat(toldAt(20)).hasSize(1);
    assertThat(toldAt(500)).isEmpty();
    assertThat(toldAt(70)).hasSize(1);
  }

  /** What is said when the money lasts for so many hours. */
  private List<String> toldAt(long hours) {
    billed.test.execute("delete from notifications");
    billed.test.execute(
        "update wallets set balance = ? where organization_id = ?", hours * HOURLY, acme.value());
    lowBalance.tell();
    return billed
        .test
        .database()
        .read(
            handle ->
                handle
                    .createQuery(
                        "select severity || ' ' || message from notifications where type = 'wallet_low'")
                    .mapTo(String.class)
                    .list());
  }
}
