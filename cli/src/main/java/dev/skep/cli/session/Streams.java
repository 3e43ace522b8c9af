package dev.skep.cli.session;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * What an invocation reads and writes.
 *
 * @param interactive whether a person sits at the other end of {@code in}
 */
public record Streams(
    InputStream in, PrintStream out, PrintStream err, BooleanSupplier interactive) {

  /** At most so many. */
  byte[] readBytes(int most) {
    try {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line, or what there is up to the end. */
  String readLine() {
    try {
      var line = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).readLine();
      return line == null ? "" : line.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
