package dev.skep.cli.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import dev.skep.cli.config.Target;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.CliException.FieldProblem;
import dev.skep.cli.outcome.ExitCode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The one place where a failed call becomes a message and an exit code. */
final class Refusals {
  private Refusals() {}

  static CliException translate(StatusRuntimeException e, Target target) {
    var status = Optional.ofNullable(StatusProto.fromThrowable(e));
    var details = status.map(com.google.rpc.Status::getDetailsList).orElse(List.of());
    return new CliException(
        exitCode(e.getStatus().getCode()),
        message(e, target),
        details.stream().flatMap(Refusals::problems).toList(),
        hint(e, details),
        e);
  }

  /** Whether the same call may succeed a moment later. */
  static boolean isPassing(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      default -> false;
    };
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

  private static String message(StatusRuntimeException e, Target target) {
    var description = e.getStatus().getDescription();
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE -> "cannot reach " + target.url() + ": " + transportReason(e);
      case DEADLINE_EXCEEDED -> target.url() + " did not answer in time";
      case UNIMPLEMENTED -> "this control plane does not know the call; is it an older version?";
      default ->
          description == null || description.isBlank()
              ? "the control plane answered " + e.getStatus().getCode()
              : description;
    };
  }

  private static String transportReason(StatusRuntimeException e) {
    if (hasCause(e, UnknownHostException.class)) {
      return "the host name is not known";
    }
    if (hasCause(e, ConnectException.class)) {
      return "the connection was refused";
    }
    return hasCause(e, SSLException.class)
        ? "its TLS certificate is not trusted"
        : Optional.ofNullable(e.getStatus().getDescription()).orElse("no connection");
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    return Stream.iterate(e, cause -> cause != null, Throwable::getCause)
        .anyMatch(type::isInstance);
  }

  private static Stream<FieldProblem> problems(Any detail) {
    return Stream.of(
            unpack(detail, BadRequest.class).stream()
                .flatMap(d -> d.getFieldViolationsList().stream())
                .map(v -> new FieldProblem(v.getField(), v.getDescription())),
            unpack(detail, QuotaFailure.class).stream()
                .flatMap(d -> d.getViolationsList().stream())
                .map(v -> new FieldProblem(v.getSubject(), v.getDescription())),
            unpack(detail, PreconditionFailure.class).stream()
                .flatMap(d -> d.getViolationsList().stream())
                .map(v -> new FieldProblem(v.getSubject(), v.getDescription())))
        .flatMap(problem -> problem);
  }

  private static @Nullable String hint(StatusRuntimeException e, List<Any> details) {
    return details.stream()
        .flatMap(detail -> unpack(detail, ErrorInfo.class).stream())
        .flatMap(info -> Optional.ofNullable(info.getMetadataMap().get("hint")).stream())
        .findFirst()
        .orElseGet(() -> generalHint(e));
  }

  private static @Nullable String generalHint(StatusRuntimeException e) {
    return switch (e.getStatus().getCode()) {
      case UNAUTHENTICATED ->
          isAboutToken(e) ? "log in: skep login (--server URL for another control plane)" : null;
      case UNAVAILABLE ->
          hasCause(e, SSLException.class)
              ? "give the control plane's own authority with --ca FILE"
              : "is the control plane running, and is its address right (--server, skep context ls)?";
      case DEADLINE_EXCEEDED -> "try again; the call may have had its effect";
      case ABORTED -> "somebody else changed it at the same time; look at it and try again";
      case INTERNAL, UNKNOWN, DATA_LOSS -> "run again with --debug for the details";
      default -> null;
    };
  }

  /** What somebody gave in order to log in may be wrong as well. */
  private static boolean isAboutToken(StatusRuntimeException e) {
    var status = Optional.ofNullable(StatusProto.fromThrowable(e));
    return status.map(com.google.rpc.Status::getDetailsList).orElse(List.of()).stream()
        .flatMap(detail -> unpack(detail, ErrorInfo.class).stream())
        .map(ErrorInfo::getReason)
        .findFirst()
        .orElse("TOKEN_")
        .startsWith("TOKEN_");
  }

  private static <M extends Message> Optional<M> unpack(Any detail, Class<M> type) {
    try {
      return detail.is(type) ? Optional.of(detail.unpack(type)) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      // A detail that cannot be read must not hide the refusal that it explains.
      return Optional.empty();
    }
  }
}
