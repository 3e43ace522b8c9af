package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the segments no longer tell once they are deleted: the last acknowledged sequence, and for
 * each container the position that its acknowledged lines lead to.
 *
 * <p>The positions are those of acknowledged lines, not of spooled ones: should the disk lose
 * spooled records all the same, the lines are read again from here instead of being skipped.
 */
record Checkpoint(long acked, Collection<Position> positions) {
  private static final Logger log = LoggerFactory.getLogger(Checkpoint.class);
  private static final String NAME = "checkpoint";
  private static final int FIXED_BYTES = Integer.BYTES + Long.BYTES + Integer.BYTES;

  void write(Path directory) throws IOException {
    int size = positions.stream().mapToInt(SpoolRecord::size).sum();
    ByteBuffer bytes = ByteBuffer.allocate(FIXED_BYTES + size);
    bytes.position(Integer.BYTES).putLong(acked).putInt(positions.size());
    positions.forEach(position -> SpoolRecord.put(bytes, position));
    bytes.putInt(0, checksum(bytes.array()));
    Path fresh = directory.resolve(NAME + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      for (bytes.flip(); bytes.hasRemaining(); ) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    Directories.sync(directory);
  }

  /** Null when there is none, or none that can be read. */
  static @Nullable Checkpoint read(Path directory) throws IOException {
    Path path = directory.resolve(NAME);
    if (!Files.exists(path)) {
      return null;
    }
    byte[] bytes = Files.readAllBytes(path);
    ByteBuffer source = ByteBuffer.wrap(bytes);
    if (bytes.length < FIXED_BYTES || source.getInt() != checksum(bytes)) {
      log.error("{} is damaged: logs of containers that were idle are read from the start", path);
      return null;
    }
    long acked = source.getLong();
    List<Position> positions = new ArrayList<>();
    for (int left = source.getInt(); left > 0; left--) {
      positions.add(SpoolRecord.position(source));
    }
    return new Checkpoint(acked, positions);
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, Integer.BYTES, bytes.length - Integer.BYTES);
    return (int) crc.getValue();
  }
}
