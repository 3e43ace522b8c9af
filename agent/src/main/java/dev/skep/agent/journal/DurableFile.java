package dev.skep.agent.journal;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A small file that is old or new after a crash, never half. Written aside, synced, renamed, and
 * the directory synced; a checksum tells when a disk lied about it.
 */
final class DurableFile {
  private static final int MAGIC = 0x534b4a31; // "SKJ1"
  private static final int MAX_BYTES = 64 << 20;

  private final Path path;

  DurableFile(Path path) {
    this.path = path;
  }

  /** Empty when there is none. */
  Optional<byte[]> read() {
    try (var in = new DataInputStream(Files.newInputStream(path))) {
      if (in.readInt() != MAGIC) {
        throw new DamagedFile(path, "it does not begin like one");
      }
      int length = in.readInt();
      if (length < 0 || length > MAX_BYTES) {
        throw new DamagedFile(path, "its length is wrong");
      }
      int sum = in.readInt();
      var bytes = in.readNBytes(length);
      if (bytes.length != length || sum(bytes) != sum) {
        throw new DamagedFile(path, "its checksum is wrong");
      }
      return Optional.of(bytes);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (java.io.EOFException e) {
      throw new DamagedFile(path, "it is cut off");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  void write(byte[] bytes) {
    var aside = path.resolveSibling(path.getFileName() + ".new");
    try {
      Files.deleteIfExists(aside);
      Files.createFile(
          aside,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      try (var channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        var buffer = ByteBuffer.wrap(framed(bytes));
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        channel.force(true);
      }
      Files.move(aside, path, StandardCopyOption.ATOMIC_MOVE);
      try (var directory = FileChannel.open(path.toAbsolutePath().getParent())) {
        directory.force(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path + ": " + e.getMessage(), e);
    }
  }

  /** Keeps a damaged file for whoever wants to know why. */
  void setAside() {
    try {
      var damaged = path.resolveSibling(path.getFileName() + ".damaged");
      Files.move(path, damaged, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot set " + path + " aside", e);
    }
  }

  private static byte[] framed(byte[] bytes) throws IOException {
    var out = new ByteArrayOutputStream(bytes.length + 12);
    var data = new DataOutputStream(out);
    data.writeInt(MAGIC);
    data.writeInt(bytes.length);
    data.writeInt(sum(bytes));
    data.write(bytes);
    return out.toByteArray();
  }

  private static int sum(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
