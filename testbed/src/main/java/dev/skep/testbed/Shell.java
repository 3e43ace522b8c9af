package dev.skep.testbed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Starts processes in the root namespace. */
final class Shell {

  /**
   * What every process of the lab starts with. Nothing else is inherited: a proxy setting of the
   * caller's shell would send an engine's registry traffic out of the lab.
   */
  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
          "HOME", "/root",
          "LANG", "C.UTF-8");

  private Shell() {}

  static ExecResult run(List<String> command) {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    replaceEnvironment(builder, Map.of());
    try {
      var process = builder.start();
      process.getOutputStream().close();
      var output = new String(process.getInputStream().readAllBytes(), UTF_8);
      return new ExecResult(String.join(" ", command), process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in: " + String.join(" ", command), e);
    }
  }

  static ExecResult run(String... command) {
    return run(List.of(command));
  }

  /** For commands without blanks inside their words; they have to succeed. */
  static String must(String commandLine) {
    return run(List.of(commandLine.split(" ", -1))).orThrow();
  }

  /** Starts a process that goes on by itself; it holds no pipe of this one. */
  static Process start(ProcessSpec spec) {
    var builder =
        new ProcessBuilder(spec.command())
            .directory(spec.directory().toFile())
            .redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(ProcessBuilder.Redirect.appendTo(spec.output().toFile()));
    replaceEnvironment(builder, spec.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replaceEnvironment(ProcessBuilder builder, Map<String, String> additions) {
    builder.environment().clear();
    builder.environment().putAll(ENVIRONMENT);
    builder.environment().putAll(additions);
  }
}
