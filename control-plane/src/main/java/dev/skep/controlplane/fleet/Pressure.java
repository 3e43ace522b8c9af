package dev.skep.controlplane.fleet;

import java.util.Locale;

/** What a worker can run out of. */
public enum Pressure {
  /** Everything there gets slower, as far as its limits let it: nothing breaks. */
  CPU(90, false),
  MEMORY(95, true),
  DISK(90, true);

  /**
   * Below the threshold, so that a value that trembles around it does not raise one alarm after the
   * other.
   */
  private static final int RELIEF = 5;

  private final int threshold;
  private final boolean closing;

  Pressure(int threshold, boolean closing) {
    this.threshold = threshold;
    this.closing = closing;
  }

  /** Whether no new replicas may come. */
  public boolean closing() {
    return closing;
  }

  /** What it means for replicas, for people. */
  public String consequence() {
    return closing ? "it takes no new replicas" : "what runs there is slower than it should be";
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
