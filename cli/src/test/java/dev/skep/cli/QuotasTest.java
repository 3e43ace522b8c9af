package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.EndQuotaOverridesRequest;
import dev.skep.v1.OverrideQuotasRequest;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaResource;
import dev.skep.v1.UpdateQuotaDefaultsRequest;
import dev.skep.v1.UpdateQuotasRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
final class QuotasTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_x"),
        args);
  }

  private <T> T asked(Class<T> type) {
    return type.cast(
        controlPlane.requests.stream().filter(type::isInstance).findFirst().orElseThrow());
  }

  @Test
  void whatIsUsedOfWhichLimitFitsATerminal() {
    var list = skep("quotas", "ls");

    assertThat(list.code()).as(list.err()).isZero();
    assertThat(list.out())
        .containsPattern("services +9 +12 +75 +until 2030-03-17 .*")
        .containsPattern("cpu +4.5 cores +4 cores +112 +above its limit, tolerated until 2030")
        .containsPattern("memory +1.5 GiB +unlimited +- +-");
    assertThat(list.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(skep("quotas").out()).isEqualTo(list.out());
    assertThat(skep("quotas", "--format", "json").out()).contains("\"percent\": 75");
    assertThat(skep("quotas", "ls", "--defaults").out()).containsPattern("api-requests +600");
  }

  @Test
  void limitsAreWrittenInTheirUnits() {
    assertThat(
            skep(
                    "quotas",
                    "set",
                    "--services",
                    "50",
                    "--cpu",
                    "1.5",
                    "--memory",
                    "16GiB",
                    "--storage",
                    "unlimited",
                    "--grace",
                    "2d")
                .code())
        .isZero();

    var request = asked(UpdateQuotasRequest.class);
    assertThat(request.getLimitsList())
        .containsExactly(
            limit(QuotaResource.QUOTA_RESOURCE_SERVICES, 50),
            limit(QuotaResource.QUOTA_RESOURCE_CPU, 1500),
            limit(QuotaResource.QUOTA_RESOURCE_MEMORY, 16L << 30),
            QuotaLimit.newBuilder().setResource(QuotaResource.QUOTA_RESOURCE_STORAGE).build());
    assertThat(request.getGrace().getSeconds()).isEqualTo(2 * 86_400);
  }

  @Test
  void anOverrideHasAnEndAndAReason() {
    var before = Instant.now().getEpochSecond();
    assertThat(skep("quotas", "set", "--ports", "9", "--until", "1d", "--reason", "a fair").code())
        .isZero();

    var request = asked(OverrideQuotasRequest.class);
    assertThat(request.getReason()).isEqualTo("a fair");
    assertThat(request.getEndTime().getSeconds()).isBetween(before + 86_400, before + 86_460);
    for (var wrong :
        List.of(
            new String[] {"quotas", "set"},
            new String[] {"quotas", "set", "--ports", "9", "--until", "1d"},
            new String[] {"quotas", "set", "--ports", "9", "--until", "2031-99", "--reason", "x"},
            new String[] {"quotas", "set", "--ports", "many"},
            new String[] {"quotas", "end-override", "dogs"})) {
      assertThat(skep(wrong).code()).as(String.join(" ", wrong)).isEqualTo(2);
    }
    assertThat(skep("quotas", "end-override", "ports", "api-requests").code()).isZero();
    assertThat(asked(EndQuotaOverridesRequest.class).getResourcesList())
        .containsExactly(
            QuotaResource.QUOTA_RESOURCE_PORTS, QuotaResource.QUOTA_RESOURCE_API_REQUESTS);
  }

  @Test
  void newOrganizationsGetOtherDefaults() {
    assertThat(skep("quotas", "set", "--defaults", "--secrets", "100").out())
        .containsPattern("secrets +100");
    assertThat(asked(UpdateQuotaDefaultsRequest.class).getLimitsList())
        .containsExactly(limit(QuotaResource.QUOTA_RESOURCE_SECRETS, 100));
  }

  private static QuotaLimit limit(QuotaResource resource, long limit) {
    return QuotaLimit.newBuilder().setResource(resource).setLimit(limit).build();
  }
}
