package dev.skep.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PressureTest {
  @ParameterizedTest
  @CsvSource({
    "CPU, 90, HOLDS",
    "CPU, 90.1, PRESSED",
    "CPU, 85, HOLDS",
    "CPU, 84.9, RELIEVED",
    "MEMORY, 95, HOLDS",
    "MEMORY, 95.1, PRESSED",
    "MEMORY, 89.9, RELIEVED",
    "DISK, 100, PRESSED",
    "DISK, 0, RELIEVED",
  })
  void whatIsOverTheThresholdPressesUntilItIsFivePointsBelow(
      Pressure kind, double percent, Pressure.Verdict verdict) {
    assertThat(kind.verdict(percent)).isEqualTo(verdict);
  }
}
