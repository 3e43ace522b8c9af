package dev.skep.agent.telemetry;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** One open log file. It stays readable after the engine renames or removes it. */
final class LogFile implements Closeable {
  private static final int HEAD_BYTES = 256;

  private final FileChannel channel;
  private final Object key;
  private final long inode;
  private @Nullable Integer fullHead;

  private LogFile(FileChannel channel, Object key, long inode) {
    this.channel = channel;
    this.key = key;
    this.inode = inode;
  }

  /** Null when nothing is there, or when a rotation swapped the file while it was being opened. */
  static @Nullable LogFile open(Path path) throws IOException {
    try {
      Map<String, Object> attributes = Files.readAttributes(path, "unix:ino,fileKey");
      Object key = Objects.requireNonNull(attributes.get("fileKey"));
      long inode = (Long) Objects.requireNonNull(attributes.get("ino"));
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      if (key.equals(key(path))) {
        return new LogFile(channel, key, inode);
      }
      channel.close();
      return null;
    } catch (NoSuchFileException gone) {
      return null;
    }
  }

  /** What tells one existing file from another; null when nothing is there. */
  static @Nullable Object key(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException gone) {
      return null;
    }
  }

  Object key() {
    return key;
  }

  long size() throws IOException {
    return channel.size();
  }

  int read(ByteBuffer target, long offset) throws IOException {
    return channel.read(target, offset);
  }

  Position.Mark mark(long offset) throws IOException {
    return new Position.Mark(inode, head(offset), offset);
  }

  /** Whether this is the file that the mark was taken in. */
  boolean holds(Position.Mark mark) throws IOException {
    return inode == mark.inode()
        && size() >= mark.offset()
        && checksum(mark.offset()) == mark.head();
  }

  /** False after the engine truncated the file in place, as it does with max-file=1. */
  boolean stillHolds(long offset) throws IOException {
    return size() >= offset && checksum(offset) == head(offset);
  }

  /** The file was truncated: its first bytes are others now. */
  void forgetHead() {
    fullHead = null;
  }

  private int head(long offset) throws IOException {
    if (offset < HEAD_BYTES) {
      return checksum(offset);
    }
    if (fullHead == null) {
      fullHead = checksum(offset);
    }
    return fullHead;
  }

  private int checksum(long offset) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(offset, HEAD_BYTES));
    while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
      // A read may return less than asked.
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes.flip());
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
