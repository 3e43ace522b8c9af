package dev.skep.agent.telemetry;

/** Reads the engine's times, RFC 3339 with up to nine decimals, without making objects. */
final class Timestamps {
  /** No line is older than 1970, so a negative value is free to mean "not a time". */
  static final long INVALID = -1;

  private static final int SECONDS_END = 19;
  private static final int NANO_DIGITS = 9;

  private Timestamps() {}

  /** Nanoseconds since 1970 UTC. */
  static long parse(byte[] text, int from, int to) {
    if (to - from < SECONDS_END + 1 || text[from + 10] != 'T') {
      return INVALID;
    }
    long year = number(text, from, 4);
    long month = number(text, from + 5, 2);
    long day = number(text, from + 8, 2);
    long hour = number(text, from + 11, 2);
    long minute = number(text, from + 14, 2);
    long second = number(text, from + 17, 2);
    if ((year | month | day | hour | minute | second) < 0
        || year < 1970
        || month < 1
        || month > 12) {
      return INVALID;
    }
    long seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    return fraction(text, from + SECONDS_END, to, seconds);
  }

  private static long fraction(byte[] text, int from, int to, long seconds) {
    int at = from;
    long nanos = 0;
    int digits = 0;
    if (text[at] == '.') {
      for (at++; at < to && isDigit(text[at]) && digits < NANO_DIGITS; at++, digits++) {
        nanos = nanos * 10 + text[at] - '0';
      }
    }
    for (; digits < NANO_DIGITS; digits++) {
      nanos *= 10;
    }
    long zone = zoneSeconds(text, at, to);
    return zone == Long.MIN_VALUE ? INVALID : (seconds - zone) * 1_000_000_000 + nanos;
  }

  private static long zoneSeconds(byte[] text, int at, int to) {
    if (at + 1 == to && text[at] == 'Z') {
      return 0;
    }
    if (at + 6 != to || (text[at] != '+' && text[at] != '-')) {
      return Long.MIN_VALUE;
    }
    long hours = number(text, at + 1, 2);
    long minutes = number(text, at + 4, 2);
    if ((hours | minutes) < 0) {
      return Long.MIN_VALUE;
    }
    return (text[at] == '-' ? -1 : 1) * (hours * 3_600 + minutes * 60);
  }

  /**
   * Days since 1970 in the Gregorian calendar; years begin in March so that leap days come last.
   */
  private static long days(long year, long month, long day) {
    long y = month <= 2 ? year - 1 : year;
    long era = y / 400;
    long yearOfEra = y - era * 400;
    long dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
  }

  private static long number(byte[] text, int from, int digits) {
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      if (!isDigit(text[i])) {
        return INVALID;
      }
      value = value * 10 + text[i] - '0';
    }
    return value;
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
