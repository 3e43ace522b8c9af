package dev.skep.agent.task;

import java.time.Duration;

/** How soon to look or to try again. */
public final class Pace {
  private static final Duration FASTEST = Duration.ofMillis(10);
  private static final Duration FAST = Duration.ofMillis(250);
  private static final Duration SLOW = Duration.ofSeconds(1);
  private static final Duration FAST_FOR = Duration.ofSeconds(10);
  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(60);

  private Pace() {}

  /**
   * When to look at the tasks again while some placement is not settled. The engine tells of a
   * container a moment before Swarm calls its task running, so the looks come close together right
   * after an event. Then they become rare: while a container starts, the engine needs the processor
   * more than anybody needs to see that it has not started.
   *
   * @param sinceChange since the last task changed
   * @param lastCost what the last look took: looking never takes more than a third of the time
   */
  public static Duration nextLook(Duration sinceChange, Duration lastCost) {
    var wish = sinceChange.compareTo(FAST_FOR) < 0 ? fast(sinceChange, lastCost) : SLOW;
    return longer(wish, lastCost.multipliedBy(2));
  }

  private static Duration fast(Duration sinceChange, Duration lastCost) {
    var early = longer(FASTEST, longer(sinceChange.dividedBy(2), lastCost.multipliedBy(4)));
    return early.compareTo(FAST) < 0 ? early : FAST;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }

  /**
   * The pause after failures in a row: exponential, and somewhere in its second half so that many
   * objects do not come back together.
   *
   * @param random 0 to 1
   */
  public static Duration retry(int failures, double random) {
    int doublings = Math.min(Math.max(failures - 1, 0), 20);
    var full = FIRST_RETRY.multipliedBy(1L << doublings);
    if (full.compareTo(LAST_RETRY) > 0) {
      full = LAST_RETRY;
    }
    return Duration.ofNanos((long) (full.toNanos() * (0.5 + random / 2)));
  }
}
