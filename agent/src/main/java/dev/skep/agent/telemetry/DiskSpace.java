package dev.skep.agent.telemetry;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Whether the spool's disk is nearly full. A spool must not take the last bytes that the machine
 * needs to work.
 */
final class DiskSpace {
  private static final int LEAST_FREE_PERCENT = 5;
  private static final Duration VALIDITY = Duration.ofSeconds(1);

  private final Path directory;
  private final InstantSource time;
  private Instant asked = Instant.MIN;
  private boolean low;

  DiskSpace(Path directory, InstantSource time) {
    this.directory = directory;
    this.time = time;
  }

  boolean isLow() throws IOException {
    Instant now = time.instant();
    if (now.isBefore(asked) || asked.isBefore(now.minus(VALIDITY))) {
      asked = now;
      FileStore store = Files.getFileStore(directory);
      low = isLow(store.getUsableSpace(), store.getTotalSpace());
    }
    return low;
  }

  static boolean isLow(long usable, long total) {
    return usable < total / 100 * LEAST_FREE_PERCENT;
  }
}
