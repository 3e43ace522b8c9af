package dev.skep.cli.parse;

import dev.skep.cli.outcome.CliException;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations such as {@code 500ms}, {@code 5s}, {@code 1h30m} or {@code 7d}. */
public final class Durations {
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("(?:" + PART.pattern() + ")+");

  private Durations() {}

  public static Duration parse(String text) {
    if (!WHOLE.matcher(text.strip()).matches()) {
      throw CliException.usage("'" + text + "' is not a duration", "write it like 5s, 2m or 1h30m");
    }
    var sum = Duration.ZERO;
    for (var part = PART.matcher(text); part.find(); ) {
      sum = sum.plus(part(Long.parseLong(part.group(1)), part.group(2)));
    }
    return sum;
  }

  /** The same as a message. */
  public static com.google.protobuf.Duration proto(String text) {
    return com.google.protobuf.util.Durations.fromMillis(parse(text).toMillis());
  }

  private static Duration part(long amount, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
