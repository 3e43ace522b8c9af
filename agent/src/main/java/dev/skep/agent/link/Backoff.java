package dev.skep.agent.link;

import java.time.Duration;

/**
 * Pauses between dials: exponential with full jitter, so that a fleet does not come back at once.
 */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(500);

  private Backoff() {}

  /**
   * The pause after some failures in a row.
   *
   * @param random 0 to 1
   */
  static Duration pause(int failures, Duration longest, double random) {
    var full = FIRST.multipliedBy(1L << Math.min(failures, 16));
    var capped = full.compareTo(longest) > 0 ? longest : full;
    return Duration.ofNanos((long) (capped.toNanos() * random));
  }
}
