package dev.skep.simulation;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32C;

/** What happened, in order; the same seed has the same. */
final class History {
  private static final int KEPT = 4_000;

  private final CRC32C sum = new CRC32C();
  private final Deque<String> last = new ArrayDeque<>();
  private final VirtualTime time;

  History(VirtualTime time) {
    this.time = time;
  }

  void add(String what) {
    Duration passed = time.passed();
    String millis = Integer.toString(1_000 + passed.toMillisPart()).substring(1);
    String line = passed.toSeconds() + "." + millis + " " + what;
    sum.update(line.getBytes(StandardCharsets.UTF_8));
    last.add(line);
    if (last.size() > KEPT) {
      last.removeFirst();
    }
  }

  long hash() {
    return sum.getValue();
  }

  String text() {
    return String.join("\n", last);
  }
}
