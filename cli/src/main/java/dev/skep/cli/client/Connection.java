package dev.skep.cli.client;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.CliException.FieldProblem;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.client.SkepClient;
import dev.skep.client.SkepException;
import dev.skep.client.Target;
import io.grpc.Status;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The one place where a failed call becomes a message and an exit code. */
public final class Connection {
  private Connection() {}

  public static SkepClient open(Target target) {
    try {
      return SkepClient.connect(target);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Runs calls and translates their failures. */
  public static <T> T call(SkepClient client, Supplier<T> calls) {
    try {
      return client.call(calls);
    } catch (SkepException e) {
      throw new CliException(
          exitCode(e.code()),
          e.message(),
          e.fields().stream().map(f -> new FieldProblem(f.name(), f.description())).toList(),
          e.hint().isEmpty() ? hint(e) : e.hint(),
          e);
    }
  }

  private static ExitCode exitCode(Status.Code code) {
    return switch (code) {
      case OK -> ExitCode.OK;
      case INVALID_ARGUMENT,
          OUT_OF_RANGE,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          RESOURCE_EXHAUSTED,
          FAILED_PRECONDITION,
          ABORTED ->
          ExitCode.REFUSED;
      case UNAVAILABLE, DEADLINE_EXCEEDED -> ExitCode.UNREACHABLE;
      case UNKNOWN, INTERNAL, DATA_LOSS, UNIMPLEMENTED, CANCELLED -> ExitCode.INTERNAL;
    };
  }

  private static @Nullable String hint(SkepException e) {
    return switch (e.code()) {
      case UNAUTHENTICATED ->
          isAboutToken(e) ? "log in: skep login (--server URL for another control plane)" : null;
      case UNAVAILABLE ->
          e.isDistrusted()
              ? "give the control plane's own authority with --ca FILE"
              : "is the control plane running, and is its address right (--server, skep context ls)?";
      case DEADLINE_EXCEEDED -> "try again; the call may have had its effect";
      case ABORTED -> "somebody else changed it at the same time; look at it and try again";
      case INTERNAL, UNKNOWN, DATA_LOSS -> "run again with --debug for the details";
      default -> null;
    };
  }

  /** What somebody gave in order to log in may be wrong as well. */
  private static boolean isAboutToken(SkepException e) {
    return e.reason().isEmpty() || e.reason().startsWith("TOKEN_");
  }
}
