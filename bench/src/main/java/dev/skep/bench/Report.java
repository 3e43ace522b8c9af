package dev.skep.bench;

import java.io.PrintStream;
import java.util.Locale;

/** Prints figures, a line each. */
@SuppressWarnings("SystemOut")
final class Report {
  private final PrintStream out = System.out;

  void say(String format, Object... values) {
    out.printf(Locale.ROOT, format + "%n", values);
  }

  void head(String title) {
    say("%n%-38s %9s %9s %9s %9s %9s", title, "best", "median", "p90", "p99", "max");
  }

  void row(String name, Samples samples) {
    say(
        "%-38s %9.1f %9.1f %9.1f %9.1f %9.1f",
        name,
        samples.best(),
        samples.median(),
        samples.quantile(0.9),
        samples.quantile(0.99),
        samples.max());
  }

  /** A score: the product's median over the baseline's best, and over its median. */
  void ratio(String name, Samples ours, Samples baseline) {
    say(
        "%-38s %.3f x the baseline's best, %.3f x its median, %+.1f ms median to median, %+.1f ms p99",
        name,
        ours.median() / baseline.best(),
        ours.median() / baseline.median(),
        ours.median() - baseline.median(),
        ours.quantile(0.99) - baseline.quantile(0.99));
  }
}
