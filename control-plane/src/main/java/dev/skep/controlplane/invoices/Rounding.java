package dev.skep.controlplane.invoices;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Micro-units as they are shown and as they are. */
final class Rounding {
  private static final int DIGITS = 6;
  private static final int SHOWN = 2;

  private Rounding() {}

  /** To two decimals, half to even; still in micro-units. */
  static long shown(long micros) {
    return BigDecimal.valueOf(micros, DIGITS)
        .setScale(SHOWN, RoundingMode.HALF_EVEN)
        .movePointRight(DIGITS)
        .longValueExact();
  }

  /** With two decimals, for example {@code -12.30}. */
  static String text(long micros) {
    return BigDecimal.valueOf(micros, DIGITS)
        .setScale(SHOWN, RoundingMode.HALF_EVEN)
        .toPlainString();
  }

  /** With all six decimals. */
  static String exact(long micros) {
    return BigDecimal.valueOf(micros, DIGITS).toPlainString();
  }
}
