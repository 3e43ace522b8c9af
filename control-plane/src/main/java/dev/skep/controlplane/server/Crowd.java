package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/**
 * How many requests are here at the same time, arriving, waiting and in work; who comes when there
 * are too many is asked to come back. Those with a body take memory and are counted apart, so that
 * reads go on when bodies never arrive. Streams are no work: they count until they have begun.
 */
final class Crowd {
  static final int WITH_BODY = 256;
  static final int WITHOUT_BODY = 1_000;

  private static final Duration COME_BACK = Duration.ofSeconds(1);

  private final Semaphore withBody = new Semaphore(WITH_BODY);
  private final Semaphore withoutBody = new Semaphore(WITHOUT_BODY);
  private final Set<String> streams;

  Crowd(List<BindableService> apis) {
    this.streams =
        apis.stream()
            .flatMap(api -> api.bindService().getMethods().stream())
            .map(method -> method.getMethodDescriptor())
            .filter(method -> method.getType() != MethodDescriptor.MethodType.UNARY)
            .map(method -> "/" + method.getFullMethodName())
            .collect(Collectors.toUnmodifiableSet());
  }

  HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    Semaphore places = request.isEmpty() ? withoutBody : withBody;
    if (!places.tryAcquire()) {
      return full(ctx, request);
    }
    left(ctx, request).whenComplete((nothing, failure) -> places.release());
    return delegate.serve(ctx, request);
  }

  private CompletableFuture<?> left(ServiceRequestContext ctx, HttpRequest request) {
    boolean events = ctx.config().requestTimeoutMillis() == 0;
    if (events && request.isEmpty()) {
      return CompletableFuture.completedFuture(true);
    }
    return events || streams.contains(ctx.path())
        ? request.whenComplete()
        : ctx.log().whenComplete();
  }

  private static HttpResponse full(ServiceRequestContext ctx, HttpRequest request) {
    StatusRuntimeException refused =
        Errors.status(
            Refusal.until(
                Reason.OVERLOADED,
                "too many requests are being answered; try again in a second",
                COME_BACK));
    String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
    return type.startsWith("application/grpc")
        ? HttpResponse.of(trailers(type, refused))
        : ErrorBody.response(refused, ctx.id().shortText());
  }

  /** All of an answer over gRPC, with the hint that its clients understand by themselves. */
  private static ResponseHeaders trailers(String type, StatusRuntimeException refused) {
    byte[] details = Objects.requireNonNull(StatusProto.fromThrowable(refused)).toByteArray();
    return ResponseHeaders.builder(HttpStatus.OK)
        .add(HttpHeaderNames.CONTENT_TYPE, type)
        .addInt("grpc-status", refused.getStatus().getCode().value())
        .add("grpc-message", String.valueOf(refused.getStatus().getDescription()))
        .add("grpc-status-details-bin", Base64.getEncoder().encodeToString(details))
        .addLong("grpc-retry-pushback-ms", COME_BACK.toMillis())
        .build();
  }
}
