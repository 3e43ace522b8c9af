package dev.skep.controlplane.quota;

import java.math.BigDecimal;
import java.util.Locale;

/** What is limited per organization. The name is what rows carry. */
public enum Resource {
  SERVICES("services", Unit.NUMBER),
  REPLICAS("replicas", Unit.NUMBER),
  /** Thousandths of a core. */
  CPU("cpu", Unit.CORES),
  MEMORY("memory", Unit.BYTES),
  /** Bytes of volumes. */
  STORAGE("storage", Unit.BYTES),
  SECRETS("secrets", Unit.NUMBER),
  /** Builds at the same time. */
  BUILDS("builds", Unit.NUMBER),
  /** Ports of workers. */
  PORTS("ports", Unit.NUMBER),
  /** Calls in a minute. */
  API_REQUESTS("api-requests", Unit.NUMBER);

  private enum Unit {
    NUMBER,
    CORES,
    BYTES
  }

  private final String word;
  private final Unit unit;

  Resource(String word, Unit unit) {
    this.word = word;
    this.unit = unit;
  }

  /** What people and programs call it. */
  public String word() {
    return word;
  }

  /** An amount of it with its unit, for example {@code 1.5 cores}. */
  public String show(long amount) {
    return switch (unit) {
      case NUMBER -> Long.toString(amount);
      case CORES -> plain(BigDecimal.valueOf(amount, 3)) + (amount == 1000 ? " core" : " cores");
      case BYTES -> bytes(amount);
    };
  }

  private static String bytes(long amount) {
    String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    int unit = 0;
    while (unit < units.length - 1 && Math.abs(amount) >= 1L << (10 * (unit + 1))) {
      unit++;
    }
    double value = (double) amount / (1L << (10 * unit));
    return plain(new BigDecimal(String.format(Locale.ROOT, "%.2f", value))) + " " + units[unit];
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }
}
