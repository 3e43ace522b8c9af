package dev.skep.cli.outcome;

import java.io.Serial;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends the invocation with a message for the user; every error leaves through this door. */
public final class CliException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final ExitCode exitCode;
  private final transient List<FieldProblem> fields;
  private final @Nullable String hint;

  public CliException(
      ExitCode exitCode,
      String message,
      List<FieldProblem> fields,
      @Nullable String hint,
      @Nullable Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
    this.fields = List.copyOf(fields);
    this.hint = hint;
  }

  public CliException(ExitCode exitCode, String message) {
    this(exitCode, message, List.of(), null, null);
  }

  public static CliException usage(String message) {
    return new CliException(ExitCode.USAGE, message);
  }

  public static CliException usage(String message, String hint) {
    return new CliException(ExitCode.USAGE, message, List.of(), hint, null);
  }

  public CliException withHint(String newHint) {
    return new CliException(exitCode, message(), fields, newHint, getCause());
  }

  /** The message, which is never absent here. */
  public String message() {
    return String.valueOf(getMessage());
  }

  public ExitCode exitCode() {
    return exitCode;
  }

  public List<FieldProblem> fields() {
    return fields;
  }

  public @Nullable String hint() {
    return hint;
  }

  /** One field of a request and what is wrong with it. */
  public record FieldProblem(String field, String description) {}
}
