package dev.skep.cli;

import dev.skep.cli.format.Terminal;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.cli.session.GlobalOptions;
import java.io.PrintStream;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place that prints errors. */
final class ErrorDoor implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private final GlobalOptions options;
  private final PrintStream err;

  ErrorDoor(GlobalOptions options, PrintStream err) {
    this.options = options;
    this.err = err;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine line, ParseResult result) {
    return print(e instanceof CliException known ? known : unexpected(e));
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    var command = e.getCommandLine().getCommandSpec().qualifiedName();
    return print(
        new CliException(ExitCode.USAGE, message(e), List.of(), "see: " + command + " --help", e));
  }

  private static String message(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
      var suggestions = unmatched.getSuggestions();
      return "'"
          + unmatched.getUnmatched().getFirst()
          + "' is not known here"
          + (suggestions.isEmpty() ? "" : "; did you mean " + suggestions.getFirst() + "?");
    }
    return String.valueOf(e.getMessage());
  }

  private static CliException unexpected(Exception e) {
    return e instanceof InterruptedException
        ? new CliException(ExitCode.INTERNAL, "interrupted")
        : new CliException(
            ExitCode.INTERNAL,
            "unexpected: " + e,
            List.of(),
            "run again with --debug for the details",
            e);
  }

  private int print(CliException e) {
    err.println("error: " + Terminal.safeBlock(e.message()));
    e.fields()
        .forEach(
            f ->
                err.println(
                    "  " + Terminal.safe(f.field()) + ": " + Terminal.safe(f.description())));
    if (e.hint() != null) {
      err.println("hint: " + Terminal.safe(e.hint()));
    }
    if (options.debug()) {
      e.printStackTrace(err);
    }
    return e.exitCode().code();
  }
}
