package dev.skep.agent.telemetry;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log of one container through rotations, a window at a time.
 *
 * <p>It holds the file that it is reading open, so a container that is removed can still be read to
 * the end of that file. It does not hold newer files that it has not come to: a spool that stays
 * full would then keep deleted files on the disk that the engine believes it has freed.
 */
final class ContainerTail implements Closeable {
  private static final String ROTATED = "rotated";
  private static final String SPOOL_FULL = "spool_full";
  private static final String UNREADABLE = "unreadable";

  /** A look in the middle of a rotation may miss a file; one that is missed twice is gone. */
  private static final int LOOKS = 2;

  private final LineAssembler.Shared shared;
  private final ReadWindow window;
  private final JsonLine line;
  private final RotatedFiles files;
  private LogSource source;
  private @Nullable Reading reading;
  private boolean departed;
  private boolean heldBack;
  private boolean finished;
  private int misses;

  /** What is known once a file is open. */
  private static final class Reading {
    final LineAssembler lines;
    LogFile file;
    long offset;
    long torn;
    boolean skipping;
    Position.@Nullable Mark replayUntil;

    Reading(LineAssembler lines, LogFile file, long offset) {
      this.lines = lines;
      this.file = file;
      this.offset = offset;
    }
  }

  ContainerTail(LineAssembler.Shared shared, ReadWindow window, JsonLine line, LogSource source) {
    this.shared = shared;
    this.window = window;
    this.line = line;
    this.source = source;
    this.files = new RotatedFiles(source.logPath());
  }

  void source(LogSource current) {
    source = current;
    departed = false;
    finished = false;
    if (reading != null) {
      reading.lines.source(current);
    }
  }

  /** The container is no longer known to the engine; what can be read is still read. */
  void depart() {
    departed = true;
    finished = false;
  }

  /** Nothing more will come from a container that departed. */
  boolean isFinished() {
    return departed && finished;
  }

  /** A tail of the same container that knows only what is spooled. */
  ContainerTail again() {
    ContainerTail fresh = new ContainerTail(shared, window, line, source);
    fresh.departed = departed;
    return fresh;
  }

  boolean filesExist() throws IOException {
    return files.exists();
  }

  /** The spool has no room, so the engine's files have to hold the lines. */
  void holdBack() {
    heldBack = true;
  }

  /** Takes in one window of text; returns its bytes, 0 when there was nothing to spool. */
  long visit() throws IOException {
    Reading now = reading != null ? reading : open();
    if (now == null) {
      finished = departed && ++misses >= LOOKS;
      return 0;
    }
    reading = now;
    long size = now.file.size();
    if (size == now.offset || size == now.torn) {
      return atEnd(now, size);
    }
    if (!now.file.stillHolds(now.offset)) {
      now.lines.finishPartials();
      now.lines.gap(lossReason());
      now.file.forgetHead();
      now.lines.continueIn(now.file);
      now.offset = 0;
    }
    return read(now, size);
  }

  private long read(Reading now, long size) throws IOException {
    window.fill(now.file, now.offset);
    if (window.complete() == 0 && !window.isOverlong()) {
      now.torn = size;
      return 0;
    }
    int taken = window.isOverlong() ? window.filled() : window.complete();
    if (window.isOverlong()) {
      now.skipping = true;
    } else {
      takeLines(now);
    }
    now.offset += taken;
    now.lines.flush();
    return taken;
  }

  private void takeLines(Reading now) throws IOException {
    for (int at = 0; at < window.complete(); ) {
      int lineFeed = window.lineFeed(at);
      if (now.replayUntil != null) {
        endReplayAt(now, now.offset + at);
      }
      long end = now.offset + lineFeed + 1;
      boolean understood = !now.skipping && line.read(window.bytes(), at, lineFeed);
      if (understood && line.length() <= LogLimits.LINE_BYTES) {
        now.lines.accept(line, now.offset + at, end);
      } else {
        now.lines.lost(UNREADABLE, 1, end);
      }
      now.skipping = false;
      at = lineFeed + 1;
    }
  }

  private static void endReplayAt(Reading now, long offset) throws IOException {
    Position.Mark until = now.replayUntil;
    if (until != null && offset >= until.offset() && now.file.holds(until)) {
      now.lines.replaying(false);
      now.replayUntil = null;
    }
  }

  private long atEnd(Reading now, long size) throws IOException {
    if (now.replayUntil != null) {
      endReplayAt(now, now.offset);
    }
    if (files.isNewest(now.file)) {
      misses = 0;
      heldBack = false;
      return finishIfOver(now);
    }
    return now.file.size() == size ? leave(now) : 0;
  }

  private long finishIfOver(Reading now) throws IOException {
    if (departed || !source.running()) {
      now.lines.finishPartials();
      finished = true;
    }
    return now.lines.flush() ? 1 : 0;
  }

  /** The file has been read and is not the newest: goes on in the next one. */
  private long leave(Reading now) throws IOException {
    LogFile next = files.successor(now.file);
    boolean lost = next == null;
    if (lost) {
      if (files.contains(now.file) || ++misses < LOOKS) {
        return 0;
      }
      next = files.oldest();
    }
    if (next == null) {
      return finishIfOver(now);
    }
    if (now.torn == now.file.size() && now.torn > now.offset) {
      now.lines.lost(UNREADABLE, 1, now.torn);
    }
    if (lost) {
      now.lines.finishPartials();
      now.lines.gap(lossReason());
    }
    now.lines.flush();
    moveTo(now, next);
    return 1;
  }

  private void moveTo(Reading now, LogFile next) throws IOException {
    now.file.close();
    now.file = next;
    now.offset = 0;
    now.torn = 0;
    now.skipping = false;
    now.lines.continueIn(next);
    misses = 0;
  }

  private String lossReason() {
    return heldBack ? SPOOL_FULL : ROTATED;
  }

  private @Nullable Reading open() throws IOException {
    Position position = shared.spool().position(source.containerId()).orElse(null);
    if (position == null) {
      LogFile oldest = files.oldest();
      return oldest == null ? null : reading(oldest, 0, 0);
    }
    LogFile file = files.find(position.replay());
    if (file != null) {
      Reading resumed = reading(file, position.replay().offset(), position.nextIndex());
      resumed.lines.replaying(true);
      resumed.replayUntil = position.read();
      return resumed;
    }
    return ++misses < LOOKS ? null : resumeAfterLoss(position);
  }

  /** The start of an unfinished line is gone, or everything up to the position is. */
  private @Nullable Reading resumeAfterLoss(Position position) throws IOException {
    LogFile file = files.find(position.read());
    LogFile start = file != null ? file : files.oldest();
    if (start == null) {
      return null;
    }
    Reading resumed =
        reading(start, file != null ? position.read().offset() : 0, position.nextIndex());
    resumed.lines.gap(lossReason());
    return resumed;
  }

  private Reading reading(LogFile file, long offset, long nextIndex) {
    misses = 0;
    LineAssembler lines = new LineAssembler(shared, source, file, offset, nextIndex);
    return new Reading(lines, file, offset);
  }

  @Override
  public void close() throws IOException {
    if (reading != null) {
      reading.file.close();
    }
  }
}
