package dev.skep.agent.telemetry;

/**
 * The bounds of the log path. A container that writes faster than {@code bytesPerSecond} is read
 * later, not cut: its own files are the buffer, and what the engine rotates away meanwhile becomes
 * a gap. 0 means no such bound.
 */
public record LogLimits(
    long spoolBytes,
    int segmentBytes,
    int batchLines,
    int batchBytes,
    int inFlightBytes,
    long bytesPerSecond) {

  /** The longest line the protocol carries; a longer one arrives as several. */
  static final int LINE_BYTES = 1 << 20;

  /**
   * What unfinished lines of all containers may hold in memory; past it they are sent in pieces.
   */
  static final int PARTIAL_BYTES = 8 << 20;

  /** What one visit to a container may add to the spool: a window of text and one joined line. */
  static final int VISIT_BYTES = 3 << 20;

  public LogLimits {
    if (spoolBytes < VISIT_BYTES + 2L * segmentBytes) {
      throw new IllegalArgumentException(
          "spool of %d bytes cannot hold two segments of %d and a visit of %d"
              .formatted(spoolBytes, segmentBytes, VISIT_BYTES));
    }
  }

  public static LogLimits defaults() {
    return new LogLimits(64L << 20, 4 << 20, 512, 256 << 10, 4 << 20, 0);
  }
}
