package dev.skep.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Where and on what a figure was taken. */
final class Surroundings {
  private Surroundings() {}

  static void print(Report report, Checkout checkout) {
    report.say("date      %s", Instant.now().truncatedTo(ChronoUnit.SECONDS));
    report.say("commit    %s", commit(checkout));
    report.say(
        "machine   %d cores, %s, Linux %s",
        Runtime.getRuntime().availableProcessors(), memory(), System.getProperty("os.version"));
    report.say("JDK       %s", Runtime.version());
    report.say("load      %s", load());
  }

  /** The load averages of 1, 5 and 15 minutes; above 1 a figure is only good for a ratio. */
  static String load() {
    return first("/proc/loadavg").replaceFirst("(\\S+ \\S+ \\S+).*", "$1");
  }

  private static String memory() {
    long kib = Long.parseLong(first("/proc/meminfo").replaceAll("\\D+", ""));
    return Math.round(kib / 1048576.0) + " GiB";
  }

  private static String first(String file) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines.findFirst().orElse("");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String commit(Checkout checkout) {
    try {
      var git =
          new ProcessBuilder("git", "describe", "--always", "--dirty")
              .directory(checkout.root().toFile())
              .redirectErrorStream(true)
              .start();
      return new String(git.getInputStream().readAllBytes(), UTF_8).strip();
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
  }
}
