package dev.skep.simulation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only from event to event. */
final class VirtualTime implements InstantSource {
  static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparing((Event e) -> e.at).thenComparingLong((Event e) -> e.order));
  private Instant now = BEGINNING;
  private long order;

  private record Event(Instant at, long order, Runnable action) {}

  @Override
  public Instant instant() {
    return now;
  }

  long nanos() {
    return Duration.between(BEGINNING, now).toNanos();
  }

  Duration passed() {
    return Duration.between(BEGINNING, now);
  }

  void after(Duration delay, Runnable action) {
    events.add(new Event(now.plus(delay), order++, action));
  }

  void afterMillis(long delay, Runnable action) {
    after(Duration.ofMillis(delay), action);
  }

  /** Lets the next event happen; false when there is none. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    now = next.at;
    next.action.run();
    return true;
  }
}
