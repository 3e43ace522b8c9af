package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.testbed.Await;
import dev.skep.v1.DeploymentEvent;
import dev.skep.v1.GetWalletRequest;
import dev.skep.v1.GrantCreditRequest;
import dev.skep.v1.StartServiceRequest;
import dev.skep.v1.StopServiceRequest;
import dev.skep.v1.VerifyBillingRequest;
import dev.skep.v1.Wallet;
import dev.skep.v1.WalletState;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of containers when their organization's money is used up, and when it pays. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WalletTest {
  @RegisterExtension
  private final SkepLab skep =
      SkepLab.start(1, Map.of("CONTAINER_BILLING_ENABLED", "true", "SKEP_BILLING_GRACE", "5s"));

  private final Api api = skep.api();

  @Test
  void servicesStopAfterTheGraceAndRunAgainWhenWhatIsOwedIsPaid() throws SQLException {
    String web = api.run("web", skep.specs().web("v1", 2).build()).getId();
    String idle = api.run("idle", skep.specs().web("v1", 1).build()).getId();
    api.services().stopService(StopServiceRequest.newBuilder().setService("idle").build());
    Await.seconds(60).until("idle has stopped", () -> running(idle), List::isEmpty);

    useAnHour(web);
    Await.seconds(60)
        .until("something is owed", this::wallet, wallet -> wallet.getOwedMicros() > 0);
    assertThat(running(web)).as("in the time of grace").hasSize(2);
    Await.seconds(60)
        .until(
            "services are stopped",
            this::wallet,
            wallet -> wallet.getState() == WalletState.WALLET_STATE_STOPPED);
    Await.seconds(60).until("no container runs", () -> running(web), List::isEmpty);
    assertThat(events("web")).contains("service_suspended");
    assertThatThrownBy(
            () ->
                api.services()
                    .startService(StartServiceRequest.newBuilder().setService("web").build()))
        .hasMessageContaining("the organization owes");

    api.billing()
        .grantCredit(
            GrantCreditRequest.newBuilder()
                .setAmountMicros(1_000_000_000)
                .setDescription("paid by hand")
                .build());
    Await.seconds(60).until("it runs again", () -> running(web).size() == 2);
    api.awaitRunning("web");
    assertThat(events("web")).contains("service_resumed");
    assertThat(running(idle)).as("its user stopped it").isEmpty();
    assertThat(wallet().getState()).isEqualTo(WalletState.WALLET_STATE_ACTIVE);
    assertThat(
            api.billing()
                .verifyBilling(VerifyBillingRequest.getDefaultInstance())
                .getFindingsList())
        .isEmpty();
  }

  /** Time cannot be made to pass, but hours can be left to close, and one in which it ran. */
  private void useAnHour(String service) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + skep.controlPlane().postgresPort() + "/postgres";
    try (var connection = DriverManager.getConnection(url, "postgres", "");
        var sql = connection.createStatement()) {
      sql.execute(
          """
          begin;
          insert into price_lists (currency, valid_from, minimum_seconds, replica_hour, vcpu_hour, memory_gib_hour,
                                   storage_gib_hour, egress_gib, build_minute, created_by)
          values ('EUR', date_trunc('hour', now(), 'UTC') - interval '9 hours', 60, 10000, 10000, 10000, 10000, 0, 0, 'test');
          delete from billing_hours;
          insert into billing_hours (hour, charged, closed_at)
          values (date_trunc('hour', now(), 'UTC') - interval '4 hours', true, now());
          insert into usage_intervals
          select service_id, organization_id, date_trunc('hour', now(), 'UTC') - interval '3 hours',
                 date_trunc('hour', now(), 'UTC') - interval '2 hours', 2, 500, 512, 0
          from meters where service_id = '%s';
          commit;
          """
              .formatted(service));
    }
  }

  private Wallet wallet() {
    return api.billing().getWallet(GetWalletRequest.getDefaultInstance()).getWallet();
  }

  private List<Engines.Running> running(String service) {
    return skep.engines().running(service);
  }

  private List<String> events(String service) {
    return api.events(service).stream().map(DeploymentEvent::getType).toList();
  }
}
