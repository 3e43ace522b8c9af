package dev.skep.controlplane.invoices;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A line of an invoice.
 *
 * @param amount micro-units, exactly
 * @param rounded micro-units, as it is shown
 * @param transaction of a refund
 */
record Line(
    Kind kind,
    @Nullable UUID service,
    String serviceName,
    long quantity,
    long amount,
    long rounded,
    @Nullable Long transaction,
    String description) {

  /** What it is about; those of usage say how much of it is one for people. */
  enum Kind {
    REPLICAS("replicas", "hours", 3_600),
    CPU("vCPU", "hours", 3_600_000),
    MEMORY("memory", "GiB hours", 3_686_400),
    STORAGE("storage", "GiB hours", 3_686_400),
    EGRESS("egress", "GiB", 1L << 30),
    BUILD("builds", "minutes", 60),
    REFUND("refund", "", 1),
    OTHER("further lines", "", 1),
    ROUNDING("rounding", "", 1);

    final String word;
    final String unit;
    private final long one;

    Kind(String word, String unit, long one) {
      this.word = word;
      this.unit = unit;
      this.one = one;
    }

    boolean isUsage() {
      return !unit.isEmpty();
    }
  }

  /** A sum that stands for others, or for nothing but the difference of roundings. */
  static Line sum(Kind kind, long quantity, long amount, long rounded) {
    return new Line(kind, null, "", quantity, amount, rounded, null, "");
  }

  /** How much it was; empty for what is not counted. */
  String quantityText() {
    return kind.isUsage()
        ? BigDecimal.valueOf(quantity)
            .divide(BigDecimal.valueOf(kind.one), 3, RoundingMode.HALF_EVEN)
            .toPlainString()
        : "";
  }
}
