package dev.skep.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ScrubTest {
  @Test
  void secretsOfMessagesAreTakenOut() {
    var failure =
        EngineFailure.ofStatus(
            400,
            "rpc error: code = InvalidArgument desc = expanding env \"SECRET=hunter2{{ oops\": x");
    assertThat(failure).hasMessageNotContaining("hunter2");
    assertThat(failure.code()).isEqualTo(EngineFailure.Code.INVALID);
    assertThat(Scrub.message("env PASSWORD=\"a b\" TOKEN=abc is wrong"))
        .isEqualTo("env PASSWORD=… TOKEN=… is wrong");
    assertThat(Scrub.message("invalid join token SWMTKN-1-abc-def")).doesNotContain("abc");
    assertThat(Scrub.message("x".repeat(10_000)).length()).isLessThan(600);
  }

  @Test
  void versionsAreNegotiatedBothWays() {
    var v141 = ApiVersion.parse("1.41");
    assertThat(ApiVersion.negotiate(ApiVersion.parse("1.12"), v141)).isEqualTo(v141);
    assertThat(ApiVersion.negotiate(ApiVersion.parse("1.44"), ApiVersion.parse("1.99")))
        .isEqualTo(ApiVersion.NEWEST_TESTED);
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> ApiVersion.negotiate(ApiVersion.parse("1.12"), ApiVersion.parse("1.40")))
        .hasMessageContaining("1.41");
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> ApiVersion.negotiate(ApiVersion.parse("1.60"), ApiVersion.parse("1.70")))
        .hasMessageContaining("1.51");
  }
}
