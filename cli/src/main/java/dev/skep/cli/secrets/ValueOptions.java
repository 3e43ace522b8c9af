package dev.skep.cli.secrets;

import com.google.protobuf.ByteString;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a value comes from: never an argument, which everybody on the machine sees. */
final class ValueOptions {
  private static final int MAX_BYTES = 512_000;

  @Option(
      names = "--from-file",
      paramLabel = "FILE",
      description = "File with the value (standard input).")
  @Nullable Path file;

  @Option(names = "--trim", description = "Leave out newlines at the end of the value.")
  boolean trim;

  /** Exactly the bytes, unless the user wants them trimmed. */
  ByteString read(Session session) {
    var value = file == null ? session.readInput(MAX_BYTES + 1) : fromFile(file);
    var end = value.length;
    while (trim && end > 0 && (value[end - 1] == '\n' || value[end - 1] == '\r')) {
      end--;
    }
    if (end == 0) {
      throw CliException.usage("the value is empty", "pipe it in: … < file");
    }
    if (end > MAX_BYTES) {
      throw CliException.usage("the value has more than " + MAX_BYTES + " bytes");
    }
    if (!trim && value[end - 1] == '\n') {
      session.progress(
          "The value ends with a newline, which is part of it (--trim leaves it out).");
    }
    return ByteString.copyFrom(value, 0, end);
  }

  private static byte[] fromFile(Path file) {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw CliException.usage("cannot read " + file + ": " + e.getClass().getSimpleName());
    }
  }
}
