package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.payments.PaymentSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfigurationTest {
  @Test
  void anEmptyEnvironmentIsEnough() {
    Configuration configuration = Configuration.of(Map.of());

    assertThat(configuration.listen().getPort()).isEqualTo(7080);
    assertThat(configuration.agentListen().getPort()).isEqualTo(7443);
    assertThat(configuration.databaseUrl()).isEmpty();
    assertThat(configuration.heartbeatInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(configuration.heartbeatTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(configuration.allowPlaintext()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "SKEP_LISTEN; 7080; host:port",
        "SKEP_LISTEN; 0.0.0.0:0; host:port",
        "SKEP_LISTEN; 0.0.0.0:65536; host:port",
        "SKEP_AGENT_LISTEN; no.such.host.invalid:1; host:port",
        "SKEP_AGENT_ENDPOINTS; host; host:port[,host:port]",
        "CLIENT_URL; skep.example; a URL such as https://skep.example.org",
        "CLIENT_URL; ftp://a; a URL such as https://skep.example.org",
        "SKEP_ALLOW_PLAINTEXT; yes; true or false",
        "WORKER_HEARTBEAT_INTERVAL; 0s; a duration of at least 1 s such as 30s",
        "WORKER_HEARTBEAT_INTERVAL; -1; a duration of at least 1 s such as 30s",
        "WORKER_HEARTBEAT_TIMEOUT; soon; a duration of at least 1 s such as 120s",
        "SKEP_LOG_RETENTION; 1w; a duration such as 7d",
        "SKEP_NETWORK_POOL; 10.0.0.0/7; an IPv4 CIDR from /8 to /24 such as 10.100.0.0/14",
        "SKEP_NETWORK_POOL; 10.0.0.0/25; an IPv4 CIDR from /8 to /24 such as 10.100.0.0/14",
        "SKEP_NETWORK_POOL; 10.300.0.0/16; an IPv4 CIDR from /8 to /24 such as 10.100.0.0/14",
        "SKEP_NETWORK_POOL; 10.100.0.1/14; an IPv4 CIDR from /8 to /24 such as 10.100.0.0/14",
      })
  void aWrongValueIsNamedWithWhatWouldBeRight(String name, String value, String right) {
    assertThatThrownBy(() -> Configuration.of(Map.of(name, value)))
        .isInstanceOf(Configuration.Wrong.class)
        .hasMessage(name + "=" + value + " is not usable; it must be " + right);
  }

  @Test
  void aPasswordIsNeverShown() {
    assertThatThrownBy(() -> Configuration.of(Map.of("DATABASE_URL", "mysql://me:secret@db/x")))
        .hasMessage(
            "DATABASE_URL is not usable; it must be postgresql://user:password@host:port/database");
  }

  @Test
  void aProviderIsSetUpWholeOrNotAtAll(@TempDir Path directory) throws IOException {
    String key = Files.writeString(directory.resolve("key"), "sk_live_secret\n").toString();

    assertThat(Configuration.of(Map.of()).payments().stripe()).isEmpty();
    assertThatThrownBy(() -> Configuration.of(Map.of("SKEP_STRIPE_SECRET_KEY_FILE", key)))
        .hasMessage(
            "SKEP_STRIPE_WEBHOOK_SECRET_FILE is missing; it must be a file whose first line is the"
                + " secret");
    assertThatThrownBy(
            () ->
                Configuration.of(
                    Map.of(
                        "SKEP_PAYPAL_CLIENT_ID", "me",
                        "SKEP_PAYPAL_CLIENT_SECRET_FILE", key + "-that-is-not-there",
                        "SKEP_PAYPAL_URL", "http://api.example.org")))
        .hasMessage(
            """
            SKEP_PAYPAL_URL=http://api.example.org is not usable; it must be an https:// URL; http:// only on this machine
            SKEP_PAYPAL_CLIENT_SECRET_FILE is not usable; it must be a file whose first line is the secret
            SKEP_PAYPAL_WEBHOOK_ID is missing; it must be what PayPal calls the webhook\
            """);
    PaymentSettings settings =
        Configuration.of(
                Map.of("SKEP_STRIPE_SECRET_KEY_FILE", key, "SKEP_STRIPE_WEBHOOK_SECRET_FILE", key))
            .payments();
    assertThat(settings.stripe().orElseThrow().secretKey()).isEqualTo("sk_live_secret");
    assertThat(settings.toString()).doesNotContain("sk_live_secret");
  }

  @Test
  void allWrongValuesAreNamedAtOnce() {
    assertThatThrownBy(
            () -> Configuration.of(Map.of("SKEP_LISTEN", "x", "SKEP_LOG_RETENTION", "y")))
        .hasMessageContainingAll("SKEP_LISTEN=x", "SKEP_LOG_RETENTION=y");
  }

  @Test
  void aTimeoutLeavesRoomForTwoHeartbeats() {
    assertThatThrownBy(
            () ->
                Configuration.of(
                    Map.of("WORKER_HEARTBEAT_INTERVAL", "1m", "WORKER_HEARTBEAT_TIMEOUT", "119")))
        .hasMessage(
            "WORKER_HEARTBEAT_TIMEOUT=119s is less than two heartbeat intervals; use at least 120"
                + " s");
  }
}
