package dev.skep.agent.telemetry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One batch on disk, with the position that its lines lead to: the two are written in one piece, so
 * that neither can outlive the other.
 *
 * @param batch the bytes of a {@code LogBatch}
 */
record SpoolRecord(long sequence, Position position, ByteBuffer batch) {
  private static final int MARK_BYTES = Long.BYTES + Integer.BYTES + Long.BYTES;

  /** What stands before the batch. */
  static ByteBuffer head(long sequence, Position position) {
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + size(position));
    head.putLong(sequence);
    put(head, position);
    return head.flip();
  }

  static SpoolRecord read(ByteBuffer payload) {
    long sequence = payload.getLong();
    return new SpoolRecord(sequence, position(payload), payload.slice());
  }

  static int size(Position position) {
    int id = position.containerId().getBytes(StandardCharsets.UTF_8).length;
    return Short.BYTES + id + 2 * MARK_BYTES + Long.BYTES;
  }

  static void put(ByteBuffer target, Position position) {
    byte[] id = position.containerId().getBytes(StandardCharsets.UTF_8);
    target.putShort((short) id.length).put(id);
    put(target, position.read());
    put(target, position.replay());
    target.putLong(position.nextIndex());
  }

  static Position position(ByteBuffer source) {
    byte[] id = new byte[source.getShort()];
    source.get(id);
    String containerId = new String(id, StandardCharsets.UTF_8);
    return new Position(containerId, mark(source), mark(source), source.getLong());
  }

  private static void put(ByteBuffer target, Position.Mark mark) {
    target.putLong(mark.inode()).putInt(mark.head()).putLong(mark.offset());
  }

  private static Position.Mark mark(ByteBuffer source) {
    return new Position.Mark(source.getLong(), source.getInt(), source.getLong());
  }
}
