package dev.skep.cli.session;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What an invocation reads and writes.
 *
 * @param interactive whether a person sits at the other end of {@code in}
 * @param hidden a line that a person types without seeing it
 */
public record Streams(
    InputStream in,
    PrintStream out,
    PrintStream err,
    BooleanSupplier interactive,
    Supplier<String> hidden) {

  /** Where what is typed is never shown. */
  public Streams(InputStream in, PrintStream out, PrintStream err, BooleanSupplier interactive) {
    this(in, out, err, interactive, () -> line(in));
  }

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
    return line(in);
  }

  /** Reads no further than the line: what follows is for the next question. */
  private static String line(InputStream in) {
    var line = new ByteArrayOutputStream();
    try {
      for (int next = in.read(); next != -1 && next != '\n'; next = in.read()) {
        line.write(next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return line.toString(StandardCharsets.UTF_8).strip();
  }
}
