package dev.skep.agent.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * A clock that nobody sets, that every process of this machine reads alike, and that goes on while
 * the machine is suspended.
 *
 * @param boot changes with every start of the machine, after which the clock begins anew
 */
public record BootClock(String boot, LongSupplier nanos) {
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path UPTIME = Path.of("/proc/uptime");

  static BootClock ofMachine() {
    return new BootClock(read(BOOT_ID).strip(), BootClock::uptime);
  }

  private static long uptime() {
    String seconds = read(UPTIME).split(" ", 2)[0];
    return new BigDecimal(seconds).movePointRight(9).longValue();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
