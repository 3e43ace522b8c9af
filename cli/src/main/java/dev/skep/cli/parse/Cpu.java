package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.math.BigDecimal;
import java.math.RoundingMode;

/** Cores such as {@code 0.5}, or thousandths of a core such as {@code 500m}. */
public final class Cpu {
  private Cpu() {}

  public static long parseMillis(String text) {
    var trimmed = text.strip();
    try {
      return trimmed.endsWith("m")
          ? Long.parseLong(trimmed.substring(0, trimmed.length() - 1))
          : new BigDecimal(trimmed)
              .movePointRight(3)
              .setScale(0, RoundingMode.UNNECESSARY)
              .longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw CliException.usage(
          "'" + text + "' is not a number of cores", "write it like 0.5, 2 or 500m");
    }
  }
}
