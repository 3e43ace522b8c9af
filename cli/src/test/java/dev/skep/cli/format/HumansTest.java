package dev.skep.cli.format;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.skep.v1.ServiceState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HumansTest {
  @Test
  void statesLoseTheirPrefix() {
    assertThat(Humans.word(ServiceState.SERVICE_STATE_RUNNING, "SERVICE_STATE_"))
        .isEqualTo("running");
    assertThat(Humans.word(ServiceState.SERVICE_STATE_UNSPECIFIED, "SERVICE_STATE_"))
        .isEqualTo("-");
    assertThat(Humans.word(ServiceState.UNRECOGNIZED, "SERVICE_STATE_")).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({"0, 0s", "59, 59s", "60, 1m", "3600, 1h", "100000, 27h", "200000, 2d", "-5, 0s"})
  void spansHaveOneUnit(long seconds, String text) {
    assertThat(Humans.span(Duration.ofSeconds(seconds))).isEqualTo(text);
  }

  @Test
  void unsetTimeHasNoAge() {
    assertThat(Humans.age(Timestamp.getDefaultInstance(), Instant.EPOCH)).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "1536, 1.5 KiB", "268435456, 256 MiB", "1073741824, 1 GiB"})
  void bytesAreRoundedToWhatMatters(long bytes, String text) {
    assertThat(Humans.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"500, 0.5", "2000, 2", "50, 0.05", "1250, 1.25"})
  void coresAreWrittenShortly(long millis, String text) {
    assertThat(Humans.cores(millis)).isEqualTo(text);
  }

  @Test
  void logLinesKeepColorsAndTabsOnly() {
    assertThat(Terminal.safeLog("a\u001b[31mred\u001b[0m\tb\u001b[2J\u0007"))
        .isEqualTo("a\u001b[31mred\u001b[0m\tb[2J");
  }
}
