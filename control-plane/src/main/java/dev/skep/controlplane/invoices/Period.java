package dev.skep.controlplane.invoices;

import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;

/**
 * The time of an invoice. It begins and ends at full hours of UTC, so that each hour is in one,
 * whatever the offset of the time zone is: an hour belongs to the month in which it begins.
 *
 * @param month in the time zone
 * @param start the first hour
 * @param end behind the last hour
 */
record Period(YearMonth month, Instant start, Instant end) {
  private static final Duration HOUR = Duration.ofHours(1);

  /** The month in which something happens for the first time. */
  static Period with(Instant first, ZoneId zone) {
    YearMonth month = YearMonth.from(first.atZone(zone));
    return new Period(month, end(month.minusMonths(1), zone), end(month, zone));
  }

  /** The one behind another that ended then; the time zone may be another one by now. */
  static Period after(YearMonth last, Instant until, ZoneId zone) {
    YearMonth month = last.plusMonths(1);
    return new Period(month, until, end(month, zone));
  }

  private static Instant end(YearMonth month, ZoneId zone) {
    Instant midnight = month.plusMonths(1).atDay(1).atStartOfDay(zone).toInstant();
    Instant hour = midnight.truncatedTo(ChronoUnit.HOURS);
    return hour.equals(midnight) ? hour : hour.plus(HOUR);
  }
}
