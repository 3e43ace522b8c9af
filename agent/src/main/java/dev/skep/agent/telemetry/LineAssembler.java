package dev.skep.agent.telemetry;

import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogGap;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Makes numbered lines of one container out of physical ones and spools them in batches, each with
 * the position that it leads to.
 *
 * <p>Pieces of a line on stdout and stderr may alternate. A position therefore says where the
 * oldest unfinished line began, and after a restart the pieces from there on are joined again
 * without counting the lines in between, which are spooled already. This is exact because a line
 * that must be cut early ends the other stream's unfinished line too: nothing that began before a
 * cut is unfinished after it.
 */
final class LineAssembler {
  /** What all containers share: only one is visited at a time. */
  record Shared(Spool spool, LineBatch batch, AtomicInteger partialBudget) {}

  private final Shared shared;
  private final PartialLine out;
  private final PartialLine err;
  private LogSource source;
  private LogFile file;
  private long end;
  private long nextIndex;
  private @Nullable LogGap gap;
  private boolean replaying;

  LineAssembler(Shared shared, LogSource source, LogFile file, long end, long nextIndex) {
    this.shared = shared;
    this.source = source;
    this.file = file;
    this.end = end;
    this.nextIndex = nextIndex;
    this.out = new PartialLine(shared.partialBudget());
    this.err = new PartialLine(shared.partialBudget());
  }

  void source(LogSource current) {
    source = current;
  }

  /** Goes on in another file; unfinished lines go on there too. */
  void continueIn(LogFile next) {
    file = next;
    end = 0;
  }

  /** Lines are missing before what follows; how many, nobody can know. */
  void gap(String reason) throws IOException {
    lost(reason, 0, end);
  }

  /** While replaying, pieces are joined but nothing is counted or spooled. */
  void replaying(boolean on) {
    replaying = on;
  }

  /** Takes one physical line that stands in {@code [start, end)} of the file. */
  void accept(JsonLine line, long start, long lineEnd) throws IOException {
    PartialLine pending = line.stream() == JsonLine.STDERR ? err : out;
    boolean joins = line.partial() || !pending.isEmpty();
    if (joins && !replaying && !pending.takes(line.length())) {
      finishPartials();
    }
    if (!pending.isEmpty() || (line.partial() && pending.takes(line.length()))) {
      join(pending, line, start);
    } else {
      emit(line.stream(), line.nanos(), line.text(), line.length());
    }
    end = lineEnd;
  }

  private void join(PartialLine pending, JsonLine line, long start) throws IOException {
    if (pending.isEmpty()) {
      pending.begin(file.mark(start), line.nanos());
    }
    pending.add(line.text(), line.length());
    if (!line.partial()) {
      emit(line.stream(), pending.nanos(), pending.bytes(), pending.length());
      pending.clear();
    }
  }

  /** A physical line that cannot be understood: it is counted, and its loss is told. */
  void lost(String reason, long lines, long lineEnd) throws IOException {
    if (replaying) {
      return;
    }
    flush();
    end = lineEnd;
    nextIndex += lines;
    gap = merge(gap, reason, lines);
  }

  /**
   * Emits unfinished lines as they are, because nothing will finish them or no room is left for
   * them. Both go into one batch: a position between the two could not be told.
   */
  void finishPartials() throws IOException {
    if (out.isEmpty() && err.isEmpty()) {
      return;
    }
    flush();
    for (int stream = JsonLine.STDOUT; stream <= JsonLine.STDERR; stream++) {
      PartialLine pending = stream == JsonLine.STDERR ? err : out;
      if (!pending.isEmpty()) {
        shared.batch().add(stream, pending.nanos(), pending.bytes(), pending.length());
        nextIndex++;
        pending.clear();
      }
    }
  }

  /** True when there was something to spool. */
  boolean flush() throws IOException {
    if (shared.batch().isEmpty() && gap == null) {
      return false;
    }
    LogBatch.Builder head =
        LogBatch.newBuilder()
            .setContainerId(source.containerId())
            .setServiceId(source.serviceId())
            .setPlacementId(source.placementId())
            .setFirstOffset(nextIndex - shared.batch().lines());
    if (gap != null) {
      head.setGap(gap);
    }
    var lines = shared.batch().body();
    shared.spool().append(position(), head, lines);
    shared.batch().clear();
    gap = null;
    return true;
  }

  private Position position() throws IOException {
    Position.Mark read = file.mark(end);
    Position.Mark replay = earlier(out.start(), err.start());
    return new Position(source.containerId(), read, replay == null ? read : replay, nextIndex);
  }

  /**
   * Of two unfinished lines the one that began first; when one began in an older file, that one.
   */
  private Position.@Nullable Mark earlier(Position.@Nullable Mark a, Position.@Nullable Mark b)
      throws IOException {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    if (a.inode() == b.inode()) {
      return a.offset() <= b.offset() ? a : b;
    }
    return file.holds(a) ? b : a;
  }

  private void emit(int stream, long nanos, byte[] text, int length) throws IOException {
    if (replaying) {
      return;
    }
    if (!shared.batch().takes(length)) {
      flush();
    }
    shared.batch().add(stream, nanos, text, length);
    nextIndex++;
  }

  private static LogGap merge(@Nullable LogGap before, String reason, long lines) {
    long known = before == null ? lines : before.getLines() + lines;
    boolean unknown = lines == 0 || (before != null && before.getLines() == 0);
    return LogGap.newBuilder().setReason(reason).setLines(unknown ? 0 : known).build();
  }
}
