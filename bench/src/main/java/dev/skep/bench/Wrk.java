package dev.skep.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Load on a URL by wrk, a program of its own, so that what measures is not what is measured. */
record Wrk(String url, String token, int connections, int seconds) {
  private static final Pattern LATENCY = Pattern.compile("(50|90|99)%\\s+([\\d.]+)(us|ms|s)\\b");
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([\\d.]+)");
  private static final Pattern REFUSED = Pattern.compile("Non-2xx or 3xx responses: (\\d+)");
  private static final Pattern BROKEN =
      Pattern.compile("Socket errors: connect (\\d+), read (\\d+), write (\\d+), timeout (\\d+)");

  /**
   * What came of it.
   *
   * @param half milliseconds that half of the answers took less than
   * @param wrong answers other than 2xx and 3xx, and those that did not come
   */
  record Took(double half, double ninety, double ninetyNine, double perSecond, long wrong) {}

  Took run() {
    String text = output();
    double[] millis = new double[100];
    Matcher latency = LATENCY.matcher(text);
    while (latency.find()) {
      millis[Integer.parseInt(latency.group(1))] = millis(latency.group(2), latency.group(3));
    }
    Matcher rate = RATE.matcher(text);
    if (!rate.find() || millis[99] == 0) {
      throw new IllegalStateException("wrk said something else:\n" + text);
    }
    return new Took(
        millis[50],
        millis[90],
        millis[99],
        Double.parseDouble(rate.group(1)),
        sum(REFUSED, text) + sum(BROKEN, text));
  }

  private static long sum(Pattern pattern, String text) {
    Matcher found = pattern.matcher(text);
    return found.find()
        ? IntStream.rangeClosed(1, found.groupCount())
            .mapToLong(group -> Long.parseLong(found.group(group)))
            .sum()
        : 0;
  }

  private static double millis(String number, String unit) {
    double value = Double.parseDouble(number);
    return switch (unit) {
      case "us" -> value / 1_000;
      case "ms" -> value;
      default -> value * 1_000;
    };
  }

  private String output() {
    List<String> command =
        List.of(
            "wrk",
            "-t1",
            "-c" + connections,
            "-d" + seconds + "s",
            "--latency",
            "--timeout",
            "20s",
            "-H",
            "authorization: Bearer " + token,
            url);
    try {
      Process wrk = new ProcessBuilder(command).redirectErrorStream(true).start();
      return new String(wrk.getInputStream().readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("wrk cannot be started; install the package wrk", e);
    }
  }
}
