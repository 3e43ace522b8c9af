package dev.skep.agent.telemetry;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The pieces so far of one line that the engine cut up. It holds memory only while a line is
 * unfinished.
 */
final class PartialLine {
  private static final byte[] NOTHING = {};

  private final AtomicInteger budget;
  private byte[] bytes = NOTHING;
  private int length;
  private long nanos;
  private Position.@Nullable Mark start;

  /** Shares what is left for unfinished lines with those of all containers. */
  PartialLine(AtomicInteger budget) {
    this.budget = budget;
  }

  /** Where the line begins; null when no line is unfinished. */
  Position.@Nullable Mark start() {
    return start;
  }

  boolean isEmpty() {
    return start == null;
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** The time of the first piece. */
  long nanos() {
    return nanos;
  }

  boolean takes(int more) {
    return length + more <= LogLimits.LINE_BYTES && capacity(more) - bytes.length <= budget.get();
  }

  void begin(Position.Mark at, long time) {
    start = at;
    nanos = time;
  }

  void add(byte[] piece, int size) {
    int capacity = capacity(size);
    budget.addAndGet(bytes.length - capacity);
    bytes = Arrays.copyOf(bytes, capacity);
    System.arraycopy(piece, 0, bytes, length, size);
    length += size;
  }

  void clear() {
    budget.addAndGet(bytes.length);
    bytes = NOTHING;
    length = 0;
    start = null;
  }

  private int capacity(int more) {
    int needed = length + more;
    return needed <= bytes.length ? bytes.length : Math.max(needed, 2 * bytes.length);
  }
}
