package dev.skep.cli.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** Writes a file that nobody but its owner ever gets to read. */
public final class PrivateFile {
  private PrivateFile() {}

  /** Replaces the file as a whole: a crash leaves the old one or the new one. */
  public static void write(Path path, String content) throws IOException {
    var directory = path.toAbsolutePath().getParent();
    if (directory == null) {
      throw new IOException(path + " is not a file name");
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    var temporary =
        Files.createTempFile(
            directory,
            ".skep",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(temporary, content);
      Files.move(
          temporary, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
