package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Sizes such as {@code 256MiB}, {@code 1.5G} or {@code 512M}; units are powers of 1024. */
public final class Memory {
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*([KMGT]?)(?:i?B)?", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "KMGT";

  private Memory() {}

  public static long parse(String text) {
    var match = SIZE.matcher(text.strip());
    if (!match.matches()) {
      throw CliException.usage("'" + text + "' is not a size", "write it like 256MiB or 1.5GiB");
    }
    var unit = match.group(2).toUpperCase(Locale.ROOT);
    var power = unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1;
    return Math.round(Double.parseDouble(match.group(1)) * Math.pow(1024, power));
  }
}
