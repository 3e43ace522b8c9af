package dev.skep.agent.telemetry;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The sending end of the spool: hands out synced records in order, remembers which are on their
 * way, and trims what was acknowledged. Only the shipping thread uses it, but for {@link #gone}.
 */
final class ShipQueue {
  private final Spool spool;
  private final Deque<Sent> inFlight = new ArrayDeque<>();
  private final Map<String, Position> ackedPositions = new HashMap<>();
  private final Set<String> gone = ConcurrentHashMap.newKeySet();
  private long acked;
  private long ackedOffset;
  private long sent;
  private long sentOffset;
  private long inFlightBytes;

  private record Sent(long sequence, Position position, long size, long end) {}

  ShipQueue(Spool spool) throws IOException {
    this.spool = spool;
    Checkpoint start = spool.recovered();
    start.positions().forEach(position -> ackedPositions.put(position.containerId(), position));
    acked = start.acked();
    sent = start.acked();
    ackedOffset = offsetAfter(acked);
    sentOffset = ackedOffset;
  }

  long inFlightBytes() {
    return inFlightBytes;
  }

  /** The next record to send; null when all that is synced was sent. */
  @Nullable SpoolRecord next() throws IOException {
    long sequence = sent + 1;
    if (sequence > spool.synced()) {
      return null;
    }
    Segment segment = spool.segmentOf(sequence);
    if (segment == null) {
      throw new IOException("spool has no segment with sequence " + sequence);
    }
    long offset = segment.first() == sequence ? 0 : sentOffset;
    SpoolRecord record = segment.read(offset);
    if (record == null || record.sequence() != sequence) {
      throw new IOException("spool record %d is damaged at %d".formatted(sequence, offset));
    }
    long size = Segment.size(record);
    sent = sequence;
    sentOffset = offset + size;
    inFlight.add(new Sent(sequence, record.position(), size, sentOffset));
    inFlightBytes += size;
    return record;
  }

  /** Begins again after the last acknowledgement, for a new stream. */
  void rewind() {
    inFlight.clear();
    inFlightBytes = 0;
    sent = acked;
    sentOffset = ackedOffset;
  }

  /**
   * True when something new was acknowledged. What was never sent is not taken for stored, whoever
   * says so.
   */
  boolean acknowledge(long sequence) throws IOException {
    boolean advanced = false;
    while (!inFlight.isEmpty() && inFlight.getFirst().sequence() <= sequence) {
      Sent done = inFlight.removeFirst();
      inFlightBytes -= done.size();
      acked = done.sequence();
      ackedOffset = done.end();
      ackedPositions.put(done.position().containerId(), done.position());
      spool.released(done.position().containerId(), done.size());
      advanced = true;
    }
    if (advanced && spool.trimmable(acked)) {
      checkpoint();
      spool.trim(acked);
    }
    return advanced;
  }

  /**
   * The container and its files no longer exist: its position may go once its lines have. Any
   * thread may call.
   */
  void gone(String containerId) {
    gone.add(containerId);
  }

  void checkpoint() throws IOException {
    List<String> settled = gone.stream().filter(id -> !spool.holds(id)).toList();
    settled.forEach(ackedPositions::remove);
    settled.forEach(gone::remove);
    new Checkpoint(acked, ackedPositions.values()).write(spool.directory());
  }

  private long offsetAfter(long sequence) throws IOException {
    Segment segment = spool.segmentOf(sequence);
    if (segment == null || segment.next() <= sequence) {
      return 0;
    }
    long offset = 0;
    SpoolRecord record;
    do {
      record = segment.read(offset);
      offset += record == null ? 0 : Segment.size(record);
    } while (record != null && record.sequence() < sequence);
    return offset;
  }
}
