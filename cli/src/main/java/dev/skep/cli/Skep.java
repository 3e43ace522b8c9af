package dev.skep.cli;

import dev.skep.cli.session.GlobalOptions;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.Streams;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The command line client of a Skep control plane. */
public final class Skep {
  private Skep() {}

  public static void main(String[] args) {
    // The transport logs what it retries; users read our own messages instead.
    Logger.getLogger("io.grpc").setLevel(Level.OFF);
    var streams =
        new Streams(
            System.in,
            stream(FileDescriptor.out),
            stream(FileDescriptor.err),
            Skep::isInteractive,
            Skep::hidden);
    int code = run(args, System.getenv(), streams);
    streams.out().flush();
    // Halting skips nothing of ours and saves the time in which the transport winds down.
    Runtime.getRuntime().halt(code);
  }

  /** One invocation; answers its exit code. */
  public static int run(String[] args, Map<String, String> environment, Streams streams) {
    var options = new GlobalOptions();
    try (var session = new Session(options, environment, streams, InstantSource.system())) {
      var line = new CommandTree(session).forArguments(args);
      var errors = new ErrorDoor(options, streams.err());
      return line.setExecutionExceptionHandler(errors)
          .setParameterExceptionHandler(errors)
          .execute(args);
    }
  }

  /** Both null and a console that is no terminal mean that nobody can be asked. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isInteractive() {
    var console = System.console();
    return console != null && console.isTerminal();
  }

  /** Only asked for when there is a terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static String hidden() {
    var console = System.console();
    char[] typed = console == null ? null : console.readPassword();
    return typed == null ? "" : new String(typed);
  }

  /** Not System.out: its charset follows a locale that scripts often leave unset. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
