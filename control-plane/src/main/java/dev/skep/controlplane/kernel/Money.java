package dev.skep.controlplane.kernel;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * An amount of money.
 *
 * @param micros millionths of a unit of the currency
 * @param currency three letters of ISO 4217
 */
public record Money(long micros, String currency) {
  private static final int DIGITS = 6;
  private static final int SHOWN = 2;

  /** With as many digits as it has, two at least, for example {@code 12.30 EUR}. */
  @Override
  public String toString() {
    BigDecimal exact = BigDecimal.valueOf(micros, DIGITS).stripTrailingZeros();
    int scale = Math.max(SHOWN, exact.scale());
    return exact.setScale(scale, RoundingMode.UNNECESSARY).toPlainString() + " " + currency;
  }
}
