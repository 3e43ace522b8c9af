package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.math.BigDecimal;
import java.util.regex.Pattern;

/** Amounts of money such as {@code 25} or {@code 12.50}. */
public final class Amounts {
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}(\\.\\d{1,6})?");
  private static final int DIGITS = 6;

  private Amounts() {}

  /** Millionths of a unit of the currency. */
  public static long micros(String text) {
    if (!NUMBER.matcher(text.strip()).matches()) {
      throw CliException.usage(
          "'" + text + "' is not an amount of money", "write it like 25 or 12.50");
    }
    return new BigDecimal(text.strip()).movePointRight(DIGITS).longValueExact();
  }
}
