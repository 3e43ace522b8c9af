package dev.skep.agent.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Holds one container to a number of bytes a second on average; one visit may overdraw. */
final class Pace {
  private final long bytesPerSecond;
  private final InstantSource time;
  private Instant since;
  private long balance;

  Pace(long bytesPerSecond, InstantSource time) {
    this.bytesPerSecond = bytesPerSecond;
    this.time = time;
    this.since = time.instant();
    this.balance = bytesPerSecond;
  }

  boolean allows() {
    if (bytesPerSecond == 0) {
      return true;
    }
    Instant now = time.instant();
    long millis = Math.clamp(Duration.between(since, now).toMillis(), 0, 1_000);
    // A clock that steps back earns nothing, and must not stop the earning until it has caught up.
    if (millis > 0 || now.isBefore(since)) {
      since = now;
      balance = Math.min(bytesPerSecond, balance + bytesPerSecond * millis / 1_000);
    }
    return balance > 0;
  }

  void spend(long bytes) {
    if (bytesPerSecond > 0) {
      balance -= bytes;
    }
  }
}
