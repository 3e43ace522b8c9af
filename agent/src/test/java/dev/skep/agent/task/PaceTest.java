package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PaceTest {
  @Test
  void pausesGrowStayJitteredAndEnd() {
    for (int failures = 1; failures < 100; failures++) {
      var shortest = Pace.retry(failures, 0);
      var longest = Pace.retry(failures, 1);
      assertThat(shortest).isPositive().isEqualTo(longest.dividedBy(2));
      assertThat(longest).isLessThanOrEqualTo(Duration.ofMinutes(1));
      assertThat(longest).isGreaterThanOrEqualTo(Pace.retry(Math.max(1, failures - 1), 1));
    }
  }

  @Test
  void looksAreFastAfterAChangeAndNeverCostMoreThanAThird() {
    assertThat(Pace.nextLook(Duration.ZERO, Duration.ofMillis(1))).isEqualTo(Duration.ofMillis(10));
    assertThat(Pace.nextLook(Duration.ofMillis(40), Duration.ofMillis(1)))
        .isEqualTo(Duration.ofMillis(20));
    assertThat(Pace.nextLook(Duration.ofSeconds(1), Duration.ofMillis(1)))
        .isEqualTo(Duration.ofMillis(250));
    assertThat(Pace.nextLook(Duration.ZERO, Duration.ofMillis(20)))
        .isEqualTo(Duration.ofMillis(80));
    assertThat(Pace.nextLook(Duration.ofSeconds(11), Duration.ZERO))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(Pace.nextLook(Duration.ZERO, Duration.ofSeconds(3)))
        .isEqualTo(Duration.ofSeconds(6));
  }
}
