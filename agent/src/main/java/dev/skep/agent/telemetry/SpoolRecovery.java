package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an earlier run left on disk: all records from the first on that are whole and follow each
 * other. Whatever comes after the first torn one is cut off; its lines are read again from the
 * logs, because the positions that would skip them are cut off with it.
 */
final class SpoolRecovery {
  private final List<Segment> segments = new ArrayList<>();
  private final Map<String, Position> spooled = new HashMap<>();
  private final Map<String, Position> acknowledged = new HashMap<>();
  private final Map<String, Long> held = new HashMap<>();
  private long acked;
  private long last;
  private boolean cut;

  private SpoolRecovery() {}

  static SpoolRecovery run(Path directory) throws IOException {
    Files.createDirectories(directory);
    SpoolRecovery recovery = new SpoolRecovery();
    List<Path> files;
    try (Stream<Path> list = Files.list(directory)) {
      files = list.filter(Segment::isSegment).sorted().toList();
    }
    recovery.begin(Checkpoint.read(directory), files);
    for (Path file : files) {
      recovery.read(Segment.open(file));
    }
    return recovery;
  }

  List<Segment> segments() {
    return segments;
  }

  Map<String, Position> spooled() {
    return spooled;
  }

  /** The bytes of each container that are not acknowledged. */
  Map<String, Long> held() {
    return held;
  }

  Checkpoint acknowledged() {
    return new Checkpoint(acked, acknowledged.values());
  }

  long last() {
    return last;
  }

  private void begin(@Nullable Checkpoint checkpoint, List<Path> files) throws IOException {
    if (checkpoint != null) {
      acked = checkpoint.acked();
      checkpoint.positions().forEach(position -> spooled.put(position.containerId(), position));
    } else if (!files.isEmpty()) {
      try (Segment first = Segment.open(files.getFirst())) {
        acked = first.first() - 1;
      }
    }
    last = acked;
    acknowledged.putAll(spooled);
  }

  private void read(Segment segment) throws IOException {
    boolean follows = segments.isEmpty() ? segment.first() <= last + 1 : segment.first() == next();
    if (cut || !follows) {
      cut = true;
      segment.delete();
      return;
    }
    SpoolRecord record = segment.read(0);
    while (record != null && record.sequence() == segment.next()) {
      admit(segment, record);
      record = segment.read(segment.size());
    }
    cut = record != null || !segment.isWhole();
    keep(segment);
  }

  private long next() {
    return segments.getLast().next();
  }

  private void admit(Segment segment, SpoolRecord record) {
    segment.admit(record);
    Position position = record.position();
    if (record.sequence() > acked) {
      spooled.put(position.containerId(), position);
      held.merge(position.containerId(), (long) Segment.size(record), Long::sum);
    }
  }

  /**
   * A segment that ends before what is acknowledged holds nothing to send and must not be
   * continued.
   */
  private void keep(Segment segment) throws IOException {
    if (segment.next() <= acked) {
      cut = false;
      segment.delete();
      return;
    }
    segment.seal();
    last = Math.max(last, segment.next() - 1);
    segments.add(segment);
  }
}
