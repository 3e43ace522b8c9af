package dev.skep.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.Serial;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** A call that failed, with what the control plane said of it. */
public final class SkepException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;
  private final String hint;
  private final transient List<Field> fields;

  /** One field of the request, or one resource, and what is wrong with it. */
  public record Field(String name, String description) {}

  private SkepException(
      String message, ErrorInfo info, List<Field> fields, StatusRuntimeException cause) {
    super(message, cause);
    this.code = cause.getStatus().getCode();
    this.reason = info.getReason();
    this.hint = info.getMetadataOrDefault("hint", "");
    this.fields = List.copyOf(fields);
  }

  static SkepException of(StatusRuntimeException e, Target target) {
    List<Any> details =
        Optional.ofNullable(StatusProto.fromThrowable(e))
            .map(com.google.rpc.Status::getDetailsList)
            .orElse(List.of());
    ErrorInfo info =
        details.stream()
            .flatMap(detail -> unpack(detail, ErrorInfo.class).stream())
            .findFirst()
            .orElse(ErrorInfo.getDefaultInstance());
    return new SkepException(
        message(e, target), info, details.stream().flatMap(SkepException::problems).toList(), e);
  }

  /** The message, which is never absent here. */
  public String message() {
    return String.valueOf(getMessage());
  }

  public Status.Code code() {
    return code;
  }

  /** The control plane's word, for example SERVICE_NOT_FOUND; empty when it gave none. */
  public String reason() {
    return reason;
  }

  public List<Field> fields() {
    return fields;
  }

  /** What the control plane advises; empty when it says nothing. */
  public String hint() {
    return hint;
  }

  /** Whether the same call may succeed a moment later. */
  public boolean isPassing() {
    return isPassing(code);
  }

  /** Whether a call that ends so may succeed a moment later. */
  public static boolean isPassing(Status.Code code) {
    return code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED;
  }

  /** Whether the control plane's certificate is not trusted. */
  public boolean isDistrusted() {
    return hasCause(this, SSLException.class);
  }

  private static String message(StatusRuntimeException e, Target target) {
    String description = Optional.ofNullable(e.getStatus().getDescription()).orElse("");
    return switch (e.getStatus().getCode()) {
      case UNAVAILABLE -> "cannot reach " + target.url() + ": " + transportReason(e);
      case DEADLINE_EXCEEDED -> target.url() + " did not answer in time";
      case UNIMPLEMENTED -> "this control plane does not know the call; is it an older version?";
      default ->
          description.isBlank()
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

  private static Stream<Field> problems(Any detail) {
    return Stream.of(
            unpack(detail, BadRequest.class).stream()
                .flatMap(d -> d.getFieldViolationsList().stream())
                .map(v -> new Field(v.getField(), v.getDescription())),
            unpack(detail, QuotaFailure.class).stream()
                .flatMap(d -> d.getViolationsList().stream())
                .map(v -> new Field(v.getSubject(), v.getDescription())),
            unpack(detail, PreconditionFailure.class).stream()
                .flatMap(d -> d.getViolationsList().stream())
                .map(v -> new Field(v.getSubject(), v.getDescription())))
        .flatMap(problem -> problem);
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
