package dev.skep.controlplane.quotas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.quota.Resource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuotaStepTest {
  private static final Instant NOW = Instant.parse("2031-01-01T00:00:00Z");
  private static final Duration GRACE = Duration.ofDays(7);

  private static Allowance allowance(@Nullable Long limit, long used) {
    return new Allowance(Resource.SERVICES, limit, used, null, 0, null, false);
  }

  private static List<String> types(QuotaStep step) {
    return step.notices().stream().map(QuotaStep.Notice::type).toList();
  }

  @Test
  void eachCrossingIsToldOnce() {
    List<String> told = new ArrayList<>();
    Allowance now = allowance(100L, 0);
    for (long used : new long[] {79, 80, 85, 89, 90, 99, 100, 91, 86, 90, 84, 90, 74, 80}) {
      QuotaStep step = QuotaStep.of(now.withUsed(used), NOW, GRACE);
      now = step.after();
      types(step).forEach(type -> told.add(used + " " + type));
    }

    assertThat(told)
        .containsExactly(
            "80 quota_80_percent",
            "90 quota_90_percent",
            "90 quota_90_percent",
            "80 quota_80_percent");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 79, 0",
    "0, 80, 80",
    "0, 95, 90",
    "80, 76, 80",
    "80, 74, 0",
    "90, 85, 90",
    "90, 84, 80",
    "90, 10, 0"
  })
  void useThatWaversAboutALevelIsOneCrossing(int announced, int percent, int expected) {
    assertThat(QuotaStep.level(announced, percent)).isEqualTo(expected);
  }

  @Test
  void withoutALimitThereIsNothingToTell() {
    QuotaStep step = QuotaStep.of(allowance(null, Long.MAX_VALUE), NOW, GRACE);

    assertThat(step.notices()).isEmpty();
    assertThat(step.after().percent(NOW)).isZero();
    assertThat(allowance(0L, 0).percent(NOW)).isZero();
    assertThat(allowance(0L, 1).percent(NOW)).isEqualTo(100);
  }

  @Test
  void aLimitBelowUseIsToleratedForATimeThatIsTold() {
    QuotaStep lowered = QuotaStep.of(allowance(5L, 10), NOW, GRACE);

    assertThat(types(lowered)).containsExactly("quota_lowered", "quota_90_percent");
    assertThat(lowered.notices().getFirst().message())
        .contains("services: 10 used, and the limit is 5", "2031-01-08T00:00:00Z");
    assertThat(lowered.after().graceUntil()).isEqualTo(NOW.plus(GRACE));

    Instant later = NOW.plus(Duration.ofDays(6));
    QuotaStep waiting = QuotaStep.of(lowered.after(), later, GRACE);
    assertThat(waiting.notices()).isEmpty();
    assertThat(waiting.after()).isEqualTo(lowered.after());

    Instant over = NOW.plus(GRACE);
    QuotaStep ended = QuotaStep.of(waiting.after(), over, GRACE);
    assertThat(types(ended)).containsExactly("quota_grace_over");
    assertThat(QuotaStep.of(ended.after(), over, GRACE).notices()).as("once").isEmpty();

    QuotaStep below = QuotaStep.of(ended.after().withUsed(5), over, GRACE);
    assertThat(below.after().graceUntil()).isNull();
    assertThat(below.after().graceTold()).isFalse();
  }

  @Test
  void anOverrideHoldsUntilItsEnd() {
    Instant end = NOW.plusSeconds(60);
    Allowance more = allowance(5L, 10).withInterim(new Interim(20L, end, "a fair", "ada"));

    assertThat(more.limit(NOW)).isEqualTo(20);
    assertThat(QuotaStep.of(more, NOW, GRACE).notices()).isEmpty();
    QuotaStep ended = QuotaStep.of(more, end, GRACE);
    assertThat(ended.after().limit(end)).isEqualTo(5);
    assertThat(ended.after().interim()).isNull();
    assertThat(types(ended))
        .containsExactly("quota_override_ended", "quota_lowered", "quota_90_percent");
  }
}
