package dev.skep.controlplane.invoices;

import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * An invoice without its lines.
 *
 * @param total micro-units, exactly
 */
record Invoice(
    String number,
    Period period,
    ZoneId zone,
    String organizationName,
    String seller,
    String currency,
    long total,
    Instant createdAt) {

  YearMonth month() {
    return period.month();
  }

  /** What it is called. */
  String title() {
    return total < 0 ? "Credit note" : "Invoice";
  }

  /**
   * Lines as they are shown: what is too much for a page is added up, and what roundings make is a
   * line of its own, so that exact amounts add up to the total and rounded ones to the rounded
   * total.
   */
  List<Line> shown(List<Line> lines, int most) {
    List<Line> shown = new ArrayList<>(lines.subList(0, Math.min(most, lines.size())));
    if (lines.size() > most) {
      List<Line> rest = lines.subList(most, lines.size());
      long amount = rest.stream().mapToLong(Line::amount).sum();
      shown.add(Line.sum(Line.Kind.OTHER, rest.size(), amount, Rounding.shown(amount)));
    }
    long difference = Rounding.shown(total) - shown.stream().mapToLong(Line::rounded).sum();
    if (difference != 0) {
      shown.add(Line.sum(Line.Kind.ROUNDING, 0, 0, difference));
    }
    return shown;
  }
}
