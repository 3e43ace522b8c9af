package dev.skep.agent.telemetry;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One append-only file of the spool: records of length, checksum and payload, with sequences that
 * follow each other.
 *
 * <p>One thread appends and another reads; the reader is told by the spool how far it may go.
 */
final class Segment implements Closeable {
  static final int FRAME_BYTES = 2 * Integer.BYTES;
  private static final String SUFFIX = ".spool";

  private final Path path;
  private final FileChannel channel;
  private final long first;
  private volatile long next;
  private volatile long size;
  private volatile boolean dirty;

  private Segment(Path path, FileChannel channel, long first) {
    this.path = path;
    this.channel = channel;
    this.first = first;
    this.next = first;
  }

  static Segment create(Path directory, long first) throws IOException {
    Path path = directory.resolve("%020d%s".formatted(first, SUFFIX));
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
    Directories.sync(directory);
    return new Segment(path, channel, first);
  }

  static boolean isSegment(Path path) {
    return path.toString().endsWith(SUFFIX);
  }

  /** A file that an earlier run left; its records are found by {@link #admit}. */
  static Segment open(Path path) throws IOException {
    String name = String.valueOf(path.getFileName());
    long first = Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
    return new Segment(
        path, FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE), first);
  }

  long first() {
    return first;
  }

  /** The sequence that the next record would have. */
  long next() {
    return next;
  }

  long size() {
    return size;
  }

  void append(ByteBuffer head, ByteBuffer headOfBatch, ByteBuffer body) throws IOException {
    CRC32C crc = new CRC32C();
    for (ByteBuffer part : new ByteBuffer[] {head, headOfBatch, body}) {
      crc.update(part.duplicate());
    }
    int length = head.remaining() + headOfBatch.remaining() + body.remaining();
    ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES).putInt(length).putInt((int) crc.getValue());
    ByteBuffer[] parts = {frame.flip(), head, headOfBatch, body};
    try {
      for (long left = FRAME_BYTES + (long) length; left > 0; ) {
        left -= channel.write(parts);
      }
    } catch (IOException e) {
      channel.truncate(size);
      throw e;
    }
    grow(FRAME_BYTES + length, next + 1);
    dirty = true;
  }

  /** The record at the offset; null at the end and where the file is torn. */
  @Nullable SpoolRecord read(long offset) throws IOException {
    ByteBuffer frame = fill(ByteBuffer.allocate(FRAME_BYTES), offset);
    if (frame.remaining() < FRAME_BYTES) {
      return null;
    }
    int length = frame.getInt();
    int checksum = frame.getInt();
    if (length < 0 || length > channel.size() - offset - FRAME_BYTES) {
      return null;
    }
    ByteBuffer payload = fill(ByteBuffer.allocate(length), offset + FRAME_BYTES);
    CRC32C crc = new CRC32C();
    crc.update(payload.duplicate());
    return payload.remaining() == length && (int) crc.getValue() == checksum
        ? SpoolRecord.read(payload)
        : null;
  }

  /** The size that a record takes here. */
  static int size(SpoolRecord record) {
    return FRAME_BYTES + Long.BYTES + SpoolRecord.size(record.position()) + record.batch().limit();
  }

  /** Counts in a record that recovery found at the end of what it has seen so far. */
  void admit(SpoolRecord record) {
    grow(size(record), record.sequence() + 1);
  }

  private void grow(int bytes, long following) {
    long grown = size + bytes;
    size = grown;
    next = following;
  }

  /** Whether recovery admitted every byte. */
  boolean isWhole() throws IOException {
    return channel.size() == size;
  }

  /**
   * Cuts off what was not admitted and makes ready to append; a killed process may have left it all
   * unsynced.
   */
  void seal() throws IOException {
    channel.truncate(size);
    channel.position(size);
    channel.force(true);
  }

  void sync() throws IOException {
    if (dirty) {
      dirty = false;
      try {
        channel.force(false);
      } catch (IOException e) {
        dirty = true;
        throw e;
      }
    }
  }

  void delete() throws IOException {
    channel.close();
    Files.deleteIfExists(path);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private ByteBuffer fill(ByteBuffer target, long offset) throws IOException {
    while (target.hasRemaining() && channel.read(target, offset + target.position()) > 0) {
      // A read may return less than asked.
    }
    return target.flip();
  }
}
