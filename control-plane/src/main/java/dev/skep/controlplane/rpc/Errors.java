package dev.skep.controlplane.rpc;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.skep.controlplane.db.Tenant;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.Shortage;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions become gRPC statuses. */
public final class Errors {
  public static final String DOMAIN = "skep.dev";

  private static final Logger log = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  /** What the client sees. Anything unexpected is logged under an id that the client is told. */
  public static StatusRuntimeException status(Throwable failure) {
    return switch (failure) {
      case Refusal refusal -> StatusProto.toStatusRuntimeException(refused(refusal));
      case StatusRuntimeException known -> known;
      default -> unexpected(failure);
    };
  }

  /** The word that a status carries: our reason, or gRPC's code where there is none. */
  public static String reason(io.grpc.Status status, @Nullable Metadata trailers) {
    Status details = StatusProto.fromStatusAndTrailers(status, trailers);
    for (Any detail : details == null ? List.<Any>of() : details.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException e) {
          throw new IllegalStateException("our own error details can be read", e);
        }
      }
    }
    return status.getCode().name();
  }

  private static Status refused(Refusal refusal) {
    Status.Builder status =
        Status.newBuilder()
            .setCode(code(refusal.reason().kind()).getNumber())
            .setMessage(String.valueOf(refusal.getMessage()))
            .addDetails(Any.pack(info(refusal)));
    if (!refusal.fields().isEmpty()) {
      BadRequest.Builder fields = BadRequest.newBuilder();
      refusal
          .fields()
          .forEach(
              field ->
                  fields
                      .addFieldViolationsBuilder()
                      .setField(field.field())
                      .setDescription(field.description()));
      status.addDetails(Any.pack(fields.build()));
    }
    if (!refusal.shortages().isEmpty()) {
      QuotaFailure.Builder quotas = QuotaFailure.newBuilder();
      refusal
          .shortages()
          .forEach(
              shortage ->
                  quotas
                      .addViolationsBuilder()
                      .setSubject(shortage.resource())
                      .setDescription(shortage.sentence()));
      status.addDetails(Any.pack(quotas.build()));
    }
    if (refusal.retryAfter().isPositive()) {
      RetryInfo.Builder retry = RetryInfo.newBuilder();
      retry.getRetryDelayBuilder().setSeconds(refusal.retryAfter().toSeconds());
      status.addDetails(Any.pack(retry.build()));
    }
    return status.build();
  }

  /** The first shortage is there as numbers, too. */
  private static ErrorInfo info(Refusal refusal) {
    ErrorInfo.Builder info =
        ErrorInfo.newBuilder().setReason(refusal.reason().name()).setDomain(DOMAIN);
    refusal.shortages().stream().findFirst().map(Errors::numbers).ifPresent(info::putAllMetadata);
    return info.build();
  }

  private static Map<String, String> numbers(Shortage shortage) {
    return Map.of(
        "resource",
        shortage.resource(),
        "limit",
        Long.toString(shortage.limit()),
        "used",
        Long.toString(shortage.used()),
        "asked",
        Long.toString(shortage.asked()));
  }

  private static Code code(Reason.Kind kind) {
    return switch (kind) {
      case INVALID -> Code.INVALID_ARGUMENT;
      case EXISTS -> Code.ALREADY_EXISTS;
      case NOT_FOUND -> Code.NOT_FOUND;
      case CONFLICT -> Code.FAILED_PRECONDITION;
      case ABORTED -> Code.ABORTED;
      case UNAUTHENTICATED -> Code.UNAUTHENTICATED;
      case FORBIDDEN -> Code.PERMISSION_DENIED;
      case EXHAUSTED -> Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Code.UNAVAILABLE;
    };
  }

  private static StatusRuntimeException unexpected(Throwable failure) {
    UUID id = UUID.randomUUID();
    Tenant.walled(failure)
        .ifPresentOrElse(
            wall -> log.error("unexpected failure {}: {}", id, wall),
            () -> log.error("unexpected failure {}", id, failure));
    return io.grpc.Status.INTERNAL
        .withDescription(
            "something unexpected failed; the log of the control plane has it as " + id)
        .asRuntimeException();
  }
}
