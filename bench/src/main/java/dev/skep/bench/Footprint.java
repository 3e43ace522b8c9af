package dev.skep.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process takes.
 *
 * @param cpuShare of one core, over the time it was watched
 */
record Footprint(double rssMib, double pssMib, double anonMib, double cpuShare) {
  private static final double TICK_NANOS = 1e7;

  /** Watches a process for a while. */
  static Footprint of(long pid, Duration watched) {
    double before = cpuNanos(pid);
    long start = System.nanoTime();
    try {
      Thread.sleep(watched);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    double share = (cpuNanos(pid) - before) / (System.nanoTime() - start);
    return new Footprint(mib(pid, "Rss:"), mib(pid, "Pss:"), mib(pid, "Anonymous:"), share);
  }

  private static double mib(long pid, String field) {
    try (var lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      return lines
              .filter(line -> line.startsWith(field))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
              .findFirst()
              .orElseThrow()
          / 1024.0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The kernel derives the ticks from exact run times, so they are wrong by one at most. */
  private static double cpuNanos(long pid) {
    try {
      var stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
      var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
