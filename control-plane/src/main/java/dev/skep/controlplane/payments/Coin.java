package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.math.BigDecimal;

/**
 * The smallest amount of a currency that a provider moves.
 *
 * @param digits after the point, in the provider's amounts
 * @param finest in units of the last of those digits
 */
record Coin(int digits, int finest) {
  private static final int MICRO_DIGITS = 6;

  Coin(int digits) {
    this(digits, 1);
  }

  /**
   * Checks that it can be paid in coins.
   *
   * @throws Refusal INVALID_FIELD
   */
  Money require(Money amount) {
    long coin = unit() * finest;
    if (amount.micros() % coin != 0) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "amount_micros",
          amount + " cannot be paid; use a multiple of " + new Money(coin, amount.currency()));
    }
    return amount;
  }

  /** In units of the last digit. */
  long count(long micros) {
    return micros / unit();
  }

  Money money(long count, String currency) {
    return new Money(Math.multiplyExact(count, unit()), currency);
  }

  /** As a decimal number, for example {@code 12.30}. */
  String decimal(long micros) {
    return BigDecimal.valueOf(micros, MICRO_DIGITS).setScale(digits).toPlainString();
  }

  /** Of a decimal number. */
  static Money ofDecimal(String value, String currency) {
    return new Money(new BigDecimal(value).movePointRight(MICRO_DIGITS).longValueExact(), currency);
  }

  private long unit() {
    return BigDecimal.ONE.movePointRight(MICRO_DIGITS - digits).longValueExact();
  }
}
