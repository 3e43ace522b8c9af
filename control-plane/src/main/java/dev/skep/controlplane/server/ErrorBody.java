package dev.skep.controlplane.server;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Reason;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The one shape of an error over REST.
 *
 * @param code stable word: a reason, or the gRPC code where there is none
 * @param help where the code is explained, on this host
 */
record ErrorBody(
    String code, String message, List<FieldViolation> fields, String requestId, String help) {
  /** Waiting does not help: there has to be more, or less of something else. */
  private static final Set<String> NO_ROOM =
      Set.of(Reason.NETWORKS_EXHAUSTED.name(), Reason.QUOTA_EXCEEDED.name());

  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .create();

  ErrorBody(String code, String message, List<FieldViolation> fields, String requestId) {
    this(code, message, fields, requestId, "/docs#" + code);
  }

  static HttpResponse response(HttpStatus status, ErrorBody body) {
    return aggregated(status, body).toHttpResponse();
  }

  static AggregatedHttpResponse aggregated(HttpStatus status, ErrorBody body) {
    return AggregatedHttpResponse.of(status, MediaType.JSON, HttpData.ofUtf8(GSON.toJson(body)));
  }

  /** The same error as over gRPC. */
  static HttpResponse response(StatusRuntimeException failure, String requestId) {
    ErrorBody body = of(failure, requestId);
    AggregatedHttpResponse response = aggregated(status(failure, body.code), body);
    long retryAfter = retryAfter(failure);
    return retryAfter == 0 ? response.toHttpResponse() : later(response, retryAfter);
  }

  private static HttpResponse later(AggregatedHttpResponse response, long seconds) {
    return HttpResponse.of(
        response.headers().toBuilder().addLong(HttpHeaderNames.RETRY_AFTER, seconds).build(),
        response.content());
  }

  private static long retryAfter(StatusRuntimeException failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    long seconds = 0;
    for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
      try {
        if (detail.is(RetryInfo.class)) {
          seconds = detail.unpack(RetryInfo.class).getRetryDelay().getSeconds();
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("our own error details can be read", e);
      }
    }
    return seconds;
  }

  static ErrorBody of(StatusRuntimeException failure, String requestId) {
    String code = failure.getStatus().getCode().name();
    List<FieldViolation> fields = new ArrayList<>();
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          code = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(BadRequest.class)) {
          detail
              .unpack(BadRequest.class)
              .getFieldViolationsList()
              .forEach(v -> fields.add(new FieldViolation(v.getField(), v.getDescription())));
        } else if (detail.is(QuotaFailure.class)) {
          detail
              .unpack(QuotaFailure.class)
              .getViolationsList()
              .forEach(v -> fields.add(new FieldViolation(v.getSubject(), v.getDescription())));
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("our own error details can be read", e);
      }
    }
    String message = String.valueOf(failure.getStatus().getDescription());
    return new ErrorBody(code, message, fields, requestId);
  }

  static HttpStatus status(StatusRuntimeException failure, String reason) {
    return switch (failure.getStatus().getCode()) {
      case OK -> HttpStatus.OK;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> HttpStatus.BAD_REQUEST;
      case UNAUTHENTICATED -> HttpStatus.UNAUTHORIZED;
      case PERMISSION_DENIED -> HttpStatus.FORBIDDEN;
      case NOT_FOUND -> HttpStatus.NOT_FOUND;
      case ALREADY_EXISTS, ABORTED, FAILED_PRECONDITION -> HttpStatus.CONFLICT;
      case RESOURCE_EXHAUSTED -> exhausted(reason);
      case UNIMPLEMENTED -> HttpStatus.NOT_IMPLEMENTED;
      case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
      case DEADLINE_EXCEEDED -> HttpStatus.GATEWAY_TIMEOUT;
      case CANCELLED, UNKNOWN, INTERNAL, DATA_LOSS -> HttpStatus.INTERNAL_SERVER_ERROR;
    };
  }

  private static HttpStatus exhausted(String reason) {
    if (reason.equals(Reason.INSUFFICIENT_FUNDS.name())) {
      return HttpStatus.PAYMENT_REQUIRED;
    }
    return NO_ROOM.contains(reason)
        ? HttpStatus.INSUFFICIENT_STORAGE
        : HttpStatus.TOO_MANY_REQUESTS;
  }
}
