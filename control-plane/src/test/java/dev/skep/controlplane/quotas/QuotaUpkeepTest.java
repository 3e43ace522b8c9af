package dev.skep.controlplane.quotas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class QuotaUpkeepTest {
  private final TestDatabase test = TestDatabase.create();
  private final LeaderLease lease = new LeaderLease(test.database());
  private final OrganizationId acme = test.addOrganization("acme");
  private Instant now = Instant.now();
  private final QuotasService quotas =
      new QuotasService(
          test.database(),
          test.ids(),
          () -> now,
          new ApiRates(test.database(), OptionalInt.empty()));
  private final QuotaUpkeep upkeep = new QuotaUpkeep(test.database(), lease, test.ids(), () -> now);

  @AfterEach
  void close() {
    lease.close();
    test.close();
  }

  @Test
  void driftIsCorrectedAndTold() {
    test.addService(
        acme, "web", 3, Specs.minimal().cpu(500).port(80, 8080).volumes("/data").build());
    lease.start();
    upkeep.run();
    assertThat(used(Resource.SERVICES)).isEqualTo(1);
    assertThat(used(Resource.REPLICAS)).isEqualTo(3);
    assertThat(used(Resource.CPU)).isEqualTo(1500);
    assertThat(used(Resource.MEMORY)).isEqualTo(3 * (256L << 20));
    assertThat(used(Resource.PORTS)).isEqualTo(3);
    assertThat(used(Resource.STORAGE)).isEqualTo(10L << 30);
    long told = notices("quota_drift");
    assertThat(told).isEqualTo(6);

    upkeep.run();
    assertThat(notices("quota_drift")).as("what is true is left alone").isEqualTo(told);
    test.execute("update quotas set used = 99 where resource in ('CPU', 'SECRETS', 'BUILDS')");
    upkeep.run();
    assertThat(used(Resource.CPU)).isEqualTo(1500);
    assertThat(used(Resource.BUILDS)).as("is counted by who reserves it").isEqualTo(99);
    assertThat(used(Resource.SECRETS)).isZero();
    assertThat(notices("quota_drift")).isEqualTo(told + 2);
  }

  @Test
  void onlyTheLeaderDoesIt() {
    test.execute("update quotas set used = 99 where resource = 'CPU'");

    upkeep.run();

    assertThat(used(Resource.CPU)).isEqualTo(99);
  }

  @Test
  void levelsAreToldOncePerCrossing() {
    lease.start();
    quotas.update(acme, Map.of(Resource.BUILDS, 10L), Duration.ZERO);
    reserve(Resource.BUILDS, 7);
    upkeep.run();
    assertThat(types()).isEmpty();

    reserve(Resource.BUILDS, 1);
    upkeep.run();
    upkeep.run();
    assertThat(types()).containsExactly("quota_80_percent");

    reserve(Resource.BUILDS, 1);
    upkeep.run();
    upkeep.run();
    assertThat(types()).containsExactly("quota_80_percent", "quota_90_percent");

    reserve(Resource.BUILDS, -9);
    upkeep.run();
    reserve(Resource.BUILDS, 8);
    upkeep.run();
    assertThat(types()).containsExactly("quota_80_percent", "quota_90_percent", "quota_80_percent");
  }

  @Test
  void anOverrideEndsByItselfAndWhatIsAboveTheLimitIsTolerated() {
    lease.start();
    quotas.update(acme, Map.of(Resource.BUILDS, 2L), Duration.ZERO);
    reserve(Resource.BUILDS, 2);
    refused(Resource.BUILDS, 1);
    quotas.override(acme, Map.of(Resource.BUILDS, 5L), now.plusSeconds(60), "a fair", "ada");
    reserve(Resource.BUILDS, 2);

    test.execute(
        "update quotas set override_until = now() - interval '1 h' where override_until is not null");
    refused(Resource.BUILDS, 1);
    upkeep.run();
    upkeep.run();

    assertThat(types())
        .containsExactly("quota_override_ended", "quota_lowered", "quota_90_percent");
    Allowance builds = allowance(Resource.BUILDS);
    assertThat(builds.interim()).isNull();
    assertThat(builds.used()).isEqualTo(4);
    assertThat(builds.graceUntil()).isNotNull();

    now = now.plus(Duration.ofDays(8));
    upkeep.run();
    upkeep.run();
    assertThat(types()).hasSize(4).endsWith("quota_grace_over");
    reserve(Resource.BUILDS, -2);
    upkeep.run();
    assertThat(allowance(Resource.BUILDS).graceUntil()).isNull();
  }

  @Test
  void oneThatIsShortRefusesAllAndNamesEach() {
    quotas.update(acme, Map.of(Resource.CPU, 1000L, Resource.SECRETS, 0L), Duration.ZERO);
    reserve(Resource.CPU, 750);

    assertThatThrownBy(
            () ->
                test.database()
                    .useTransaction(
                        h ->
                            Quota.reserve(
                                h,
                                acme,
                                new Amounts(
                                    Map.of(
                                        Resource.CPU,
                                        500L,
                                        Resource.SECRETS,
                                        1L,
                                        Resource.MEMORY,
                                        1L)))))
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.QUOTA_EXCEEDED);
              assertThat(e.getMessage())
                  .contains(
                      "not enough cpu: the limit is 1 core, 0.75 cores used, and this asks for 0.5"
                          + " cores more (short of secrets as well); stop, scale down");
              assertThat(e.shortages()).hasSize(2);
            });
    assertThat(used(Resource.MEMORY)).isZero();
    assertThat(used(Resource.CPU)).isEqualTo(750);
  }

  @Test
  void newOrganizationsGetTheDefaultsAndOthersKeepTheirs() {
    quotas.updateDefaults(Map.of(Resource.SERVICES, 3L));

    OrganizationId next = test.addOrganization("next");

    assertThat(quotas.list(next))
        .hasSize(Resource.values().length)
        .filteredOn(allowance -> allowance.base() != null)
        .singleElement()
        .satisfies(allowance -> assertThat(allowance.base()).isEqualTo(3));
    assertThat(quotas.list(acme)).allMatch(allowance -> allowance.base() == null);
    assertThat(EnumSet.copyOf(quotas.defaults().keySet())).isEqualTo(EnumSet.allOf(Resource.class));
  }

  private void reserve(Resource resource, long amount) {
    test.database().useTransaction(h -> Quota.reserve(h, acme, Amounts.of(resource, amount)));
  }

  private void refused(Resource resource, long amount) {
    assertThatThrownBy(() -> reserve(resource, amount))
        .isInstanceOfSatisfying(
            Refusal.class, e -> assertThat(e.reason()).isEqualTo(Reason.QUOTA_EXCEEDED));
  }

  private Allowance allowance(Resource resource) {
    return quotas.list(acme).stream()
        .filter(allowance -> allowance.resource() == resource)
        .findFirst()
        .orElseThrow();
  }

  private long used(Resource resource) {
    return allowance(resource).used();
  }

  private long notices(String type) {
    return test.number("select count(*) from notifications where type = ?", type);
  }

  private List<String> types() {
    return test.list(
        String.class,
        "select type from notifications where organization_id = ? order by id",
        acme.value());
  }
}
