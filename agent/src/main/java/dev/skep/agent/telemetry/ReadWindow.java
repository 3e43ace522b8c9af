package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The one buffer through which all log files are read. */
final class ReadWindow {
  private static final int USUAL = 256 << 10;

  /**
   * A line of the engine is 16 KiB before escaping, so 96 KiB at most; others may write theirs
   * whole.
   */
  private static final int LARGEST = 2 << 20;

  private byte[] bytes = new byte[USUAL];
  private int filled;
  private int complete;

  /** Reads from the offset on and notes where the last whole line ends. */
  void fill(LogFile file, long offset) throws IOException {
    if (bytes.length > USUAL) {
      bytes = new byte[USUAL];
    }
    filled = 0;
    complete = 0;
    while (complete == 0 && readOn(file, offset)) {
      complete = endOfLastLine();
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int filled() {
    return filled;
  }

  /** The end of the last whole line; 0 when there is none. */
  int complete() {
    return complete;
  }

  /** A line that does not even fit the largest window. */
  boolean isOverlong() {
    return complete == 0 && filled == LARGEST;
  }

  int lineFeed(int from) {
    int at = from;
    while (bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private boolean readOn(LogFile file, long offset) throws IOException {
    if (filled == LARGEST) {
      return false;
    }
    if (filled == bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.min(LARGEST, 2 * bytes.length));
    }
    int read = file.read(ByteBuffer.wrap(bytes, filled, bytes.length - filled), offset + filled);
    filled += Math.max(0, read);
    return read > 0;
  }

  private int endOfLastLine() {
    int at = filled;
    while (at > 0 && bytes[at - 1] != '\n') {
      at--;
    }
    return at;
  }
}
