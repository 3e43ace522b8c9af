package dev.skep.cli;

import dev.skep.cli.session.Streams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Runs the client inside the test and keeps what it wrote. */
record Invocation(int code, String out, String err) {
  static Invocation run(Map<String, String> environment, String... args) {
    return run(environment, "", false, args);
  }

  /** With standard input, and a person or a program behind it. */
  static Invocation run(
      Map<String, String> environment, String input, boolean interactive, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var streams =
        new Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            () -> interactive);
    var hermetic = new HashMap<>(Map.of("HOME", "/nonexistent"));
    hermetic.putAll(environment);
    int code = Skep.run(args, hermetic, streams);
    return new Invocation(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
