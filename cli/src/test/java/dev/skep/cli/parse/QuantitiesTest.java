package dev.skep.cli.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.skep.cli.outcome.CliException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "256MiB, 268435456",
    "256M, 268435456",
    "256mb, 268435456",
    "1.5GiB, 1610612736",
    "6291456, 6291456",
    "64KiB, 65536",
    "4TiB, 4398046511104",
  })
  void sizesAreReadInPowersOf1024(String text, long bytes) {
    assertThat(Memory.parse(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "MiB", "-1M", "1XB", "1.2.3M", "1e9"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> Memory.parse(text)).isInstanceOf(CliException.class);
  }

  @ParameterizedTest
  @CsvSource({"0.5, 500", "2, 2000", "500m, 500", "0.05, 50", "1.25, 1250"})
  void coresAreReadInThousandths(String text, long millis) {
    assertThat(Cpu.parseMillis(text)).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "half", "0.0001", "1.5m"})
  void otherCoresAreRefused(String text) {
    assertThatThrownBy(() -> Cpu.parseMillis(text)).isInstanceOf(CliException.class);
  }

  @ParameterizedTest
  @CsvSource({"5s, 5000", "500ms, 500", "1h30m, 5400000", "7d, 604800000", "2m, 120000"})
  void durationsAreSumsOfTheirParts(String text, long millis) {
    assertThat(Durations.parse(text).toMillis()).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "-5s", "5y"})
  void otherDurationsAreRefused(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(CliException.class);
  }
}
