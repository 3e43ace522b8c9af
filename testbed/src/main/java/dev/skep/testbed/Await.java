package dev.skep.testbed;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/**
 * Waits for a condition instead of for a time. A probe that throws counts as "not yet": much of
 * what is awaited here (an engine, a node, a page) first answers with an error.
 */
public record Await(Duration limit, Duration interval) {

  private static final Duration DEFAULT_INTERVAL = Duration.ofMillis(100);

  public static Await atMost(Duration limit) {
    return new Await(limit, DEFAULT_INTERVAL);
  }

  public static Await seconds(long seconds) {
    return atMost(Duration.ofSeconds(seconds));
  }

  public Await every(Duration otherInterval) {
    return new Await(limit, otherInterval);
  }

  /**
   * Returns the first value that satisfies the condition.
   *
   * @param what what is awaited, for the message; it ends with the last state that was seen
   * @throws AssertionError when the limit is over
   */
  public <T> T until(String what, Callable<T> probe, Predicate<? super T> condition) {
    var deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      String last;
      Throwable cause = null;
      try {
        var value = probe.call();
        if (condition.test(value)) {
          return value;
        }
        last = String.valueOf(value);
      } catch (Exception e) {
        last = e.toString();
        cause = e;
      }
      if (System.nanoTime() - deadline >= 0) {
        throw new AssertionError(
            "not within %d ms: %s; last seen: %s".formatted(limit.toMillis(), what, last), cause);
      }
      pause(what);
    }
  }

  public void until(String what, Callable<Boolean> probe) {
    until(what, probe, Boolean::booleanValue);
  }

  private void pause(String what) {
    try {
      Thread.sleep(interval);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for: " + what, e);
    }
  }
}
