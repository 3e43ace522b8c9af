package dev.skep.agent.telemetry;

import dev.skep.agent.v1.LogBatch;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Batches on disk, in order, until the control plane has stored them. One thread appends, another
 * syncs, reads and trims; they share the list of segments and a few counters.
 *
 * <p>A batch is synced before it is sent. Sending first would be faster, and nearly safe because
 * the receiver drops lines by their index. But after a power loss the agent would then count lines
 * anew that the receiver has already seen under other indexes if their file was rotated away
 * meanwhile, and fresh lines would be dropped as copies. Syncs are grouped, so they cost latency of
 * one sync and no throughput to speak of.
 */
final class Spool implements Closeable {
  private final Path directory;
  private final LogLimits limits;
  private final Checkpoint recovered;
  private final ConcurrentNavigableMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
  private final Map<String, Position> positions = new ConcurrentHashMap<>();
  private final Map<String, Long> held = new ConcurrentHashMap<>();
  private final AtomicLong bytesOnDisk = new AtomicLong();
  private final AtomicLong unsynced = new AtomicLong();
  private volatile long appended;
  private volatile long synced;

  private Spool(Path directory, LogLimits limits, SpoolRecovery recovery) {
    this.directory = directory;
    this.limits = limits;
    this.recovered = recovery.acknowledged();
    positions.putAll(recovery.spooled());
    held.putAll(recovery.held());
    for (Segment segment : recovery.segments()) {
      segments.put(segment.first(), segment);
      bytesOnDisk.addAndGet(segment.size());
    }
    appended = recovery.last();
    synced = recovery.last();
  }

  static Spool open(Path directory, LogLimits limits) throws IOException {
    return new Spool(directory, limits, SpoolRecovery.run(directory));
  }

  /** Where the acknowledged part ended when the spool was opened. */
  Checkpoint recovered() {
    return recovered;
  }

  Path directory() {
    return directory;
  }

  /** How far the container's log has been spooled. */
  Optional<Position> position(String containerId) {
    return Optional.ofNullable(positions.get(containerId));
  }

  Iterable<String> containers() {
    return positions.keySet();
  }

  /**
   * Whether a container may add lines. Each may hold as much as is still free: one that floods
   * leaves half of the spool to the others, two leave a third, and an idle spool is still mostly
   * one container's to use.
   */
  boolean hasRoom(String containerId) {
    long free = limits.spoolBytes() - bytesOnDisk.get() - LogLimits.VISIT_BYTES;
    return free >= 0 && held.getOrDefault(containerId, 0L) <= free;
  }

  /** Adds one batch; the head lacks only the sequence, which is given here. */
  void append(Position position, LogBatch.Builder head, ByteBuffer lines) throws IOException {
    long sequence = appended + 1;
    byte[] headBytes = head.setSequence(sequence).build().toByteArray();
    Segment segment = segmentFor(sequence);
    long before = segment.size();
    segment.append(SpoolRecord.head(sequence, position), ByteBuffer.wrap(headBytes), lines);
    long size = segment.size() - before;
    bytesOnDisk.addAndGet(size);
    unsynced.addAndGet(size);
    held.merge(position.containerId(), size, Long::sum);
    positions.put(position.containerId(), position);
    appended = sequence;
  }

  long unsynced() {
    return unsynced.get();
  }

  /** The last sequence that survives a power loss. */
  long synced() {
    return synced;
  }

  void sync() throws IOException {
    long upTo = appended;
    long bytes = unsynced.get();
    if (upTo == synced) {
      return;
    }
    Segment from = segmentOf(synced + 1);
    for (Segment segment : segments.tailMap(from == null ? 0 : from.first()).values()) {
      segment.sync();
    }
    unsynced.addAndGet(-bytes);
    synced = upTo;
  }

  @Nullable Segment segmentOf(long sequence) {
    var entry = segments.floorEntry(sequence);
    return entry == null ? null : entry.getValue();
  }

  void released(String containerId, long size) {
    held.computeIfPresent(containerId, (_, bytes) -> bytes > size ? bytes - size : null);
  }

  boolean holds(String containerId) {
    return held.containsKey(containerId);
  }

  /** Whether {@link #trim} would free anything. */
  boolean trimmable(long acked) {
    return segments.size() > 1 && segments.firstEntry().getValue().next() <= acked + 1;
  }

  /** Deletes what is wholly acknowledged, except for the segment that is being written. */
  void trim(long acked) throws IOException {
    while (trimmable(acked)) {
      Segment oldest = segments.pollFirstEntry().getValue();
      oldest.delete();
      bytesOnDisk.addAndGet(-oldest.size());
    }
  }

  void forget(String containerId) {
    positions.remove(containerId);
  }

  @Override
  public void close() throws IOException {
    for (Segment segment : segments.values()) {
      segment.close();
    }
  }

  private Segment segmentFor(long sequence) throws IOException {
    var last = segments.lastEntry();
    if (last != null && last.getValue().size() < limits.segmentBytes()) {
      return last.getValue();
    }
    Segment fresh = Segment.create(directory, sequence);
    segments.put(sequence, fresh);
    return fresh;
  }
}
