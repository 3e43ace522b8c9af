package dev.skep.controlplane.fleet;

import java.util.Locale;

/** What a worker can run out of. */
public enum Pressure {
  CPU(90),
  MEMORY(95),
  DISK(90);

  /**
   * Below the threshold, so that a value that trembles around it does not raise one alarm after the
   * other.
   */
  private static final int RELIEF = 5;

  private final int threshold;

  Pressure(int threshold) {
    this.threshold = threshold;
  }

  /** What one measurement says about it. */
  public enum Verdict {
    PRESSED,
    /** It stays what it was. */
    HOLDS,
    RELIEVED
  }

  public Verdict verdict(double percent) {
    if (percent > threshold) {
      return Verdict.PRESSED;
    }
    return percent < threshold - RELIEF ? Verdict.RELIEVED : Verdict.HOLDS;
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
