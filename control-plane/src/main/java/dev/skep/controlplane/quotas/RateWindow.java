package dev.skep.controlplane.quotas;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/** So many calls in each minute, or none at all. */
final class RateWindow {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final int limit;
  private final RateLimiter limiter;
  private final long started = System.nanoTime();

  RateWindow(int limit) {
    this.limit = limit;
    this.limiter =
        RateLimiter.of(
            "calls",
            RateLimiterConfig.custom()
                .limitRefreshPeriod(MINUTE)
                // It knows no limit of nothing.
                .limitForPeriod(Math.max(limit, 1))
                .timeoutDuration(Duration.ZERO)
                .build());
  }

  int limit() {
    return limit;
  }

  /** False when this minute has no more. */
  boolean take() {
    return limit > 0 && limiter.acquirePermission();
  }

  /** Of this minute. */
  int used() {
    return Math.max(limit, 1) - limiter.getMetrics().getAvailablePermissions();
  }

  /** Until the next minute, in whole seconds. */
  Duration rest() {
    long gone = (System.nanoTime() - started) % MINUTE.toNanos();
    return Duration.ofSeconds((MINUTE.toNanos() - gone) / 1_000_000_000 + 1);
  }
}
