package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The files of one log: {@code x-json.log} is the newest, {@code x-json.log.1} the one before, and
 * so on.
 *
 * <p>The engine renames from the oldest down, so a look in the middle of a rotation can miss one
 * number. A scan therefore ends at two missing numbers, never at one, and whoever acts on its
 * result looks again afterwards.
 */
final class RotatedFiles {
  private static final int NOT_FOUND = -1;

  private final Path newest;

  RotatedFiles(Path newest) {
    this.newest = newest;
  }

  boolean exists() throws IOException {
    return LogFile.key(newest) != null;
  }

  boolean isNewest(LogFile file) throws IOException {
    return file.key().equals(LogFile.key(newest));
  }

  boolean contains(LogFile file) throws IOException {
    return indexOf(file) != NOT_FOUND;
  }

  /** The file written after this one; null when there is none yet or the names are just moving. */
  @Nullable LogFile successor(LogFile file) throws IOException {
    int index = indexOf(file);
    if (index <= 0) {
      return null;
    }
    LogFile next = LogFile.open(name(index - 1));
    if (next != null && indexOf(file) != index) {
      next.close();
      return null;
    }
    return next;
  }

  @Nullable LogFile oldest() throws IOException {
    int index = last();
    LogFile file = index == NOT_FOUND ? null : LogFile.open(name(index));
    if (file != null && indexOf(file) != index) {
      file.close();
      return null;
    }
    return file;
  }

  /** The file that the mark was taken in; null when it is gone. */
  @Nullable LogFile find(Position.Mark mark) throws IOException {
    int last = last();
    for (int i = 0; i <= last; i++) {
      LogFile file = LogFile.open(name(i));
      if (file != null && file.holds(mark)) {
        return file;
      }
      if (file != null) {
        file.close();
      }
    }
    return null;
  }

  private int indexOf(LogFile file) throws IOException {
    int missing = 0;
    for (int i = 0; missing < 2; i++) {
      Object key = LogFile.key(name(i));
      if (file.key().equals(key)) {
        return i;
      }
      missing = key == null ? missing + 1 : 0;
    }
    return NOT_FOUND;
  }

  private int last() throws IOException {
    int last = NOT_FOUND;
    for (int i = 0; i - last <= 2; i++) {
      if (LogFile.key(name(i)) != null) {
        last = i;
      }
    }
    return last;
  }

  private Path name(int index) {
    return index == 0 ? newest : newest.resolveSibling(newest.getFileName() + "." + index);
  }
}
