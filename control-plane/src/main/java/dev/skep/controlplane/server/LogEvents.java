package dev.skep.controlplane.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.FollowLogsResponse;
import dev.skep.v1.LogLine;
import dev.skep.v1.LogsServiceGrpc;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.text.ParseException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Log lines as server-sent events: the event's id is the line's cursor, so a browser that
 * reconnects goes on where it was.
 */
final class LogEvents implements HttpService {
  static final String PATH = "/api/containers/services/{service}/logs";

  private static final Set<String> PARAMETERS = Set.of("follow", "tail", "since", "cursor");
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

  private final Channel channel;

  LogEvents(Channel channel) {
    this.channel = channel;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    FollowLogsRequest follow;
    try {
      follow = message(ctx, request);
    } catch (Refusal e) {
      return ErrorBody.response(Errors.status(e), ctx.id().shortText());
    }
    Metadata headers = RestCall.headers(request.headers());
    HttpResponseWriter client = HttpResponse.streaming();
    ctx.blockingTaskExecutor()
        .execute(
            () ->
                LogsServiceGrpc.newStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .followLogs(follow, new Events(client, ctx)));
    return client;
  }

  private static FollowLogsRequest message(ServiceRequestContext ctx, HttpRequest request) {
    QueryParams query = ctx.queryParams();
    for (String name : query.names()) {
      if (!PARAMETERS.contains(name)) {
        throw Refusal.ofField(Reason.INVALID_FIELD, name, "is unknown here; check the spelling");
      }
    }
    FollowLogsRequest.Builder follow =
        FollowLogsRequest.newBuilder().setService(Objects.requireNonNull(ctx.pathParam("service")));
    String last = request.headers().get(HttpHeaderNames.of("last-event-id"));
    try {
      if (last != null) {
        follow.setCursor(Long.parseLong(last));
      } else if (query.contains("cursor")) {
        follow.setCursor(Long.parseLong(query.get("cursor", "")));
      }
      if (query.contains("tail")) {
        follow.setTail(Integer.parseInt(query.get("tail", "")));
      }
      if (query.contains("since")) {
        follow.setSince(since(query.get("since", "")));
      }
    } catch (NumberFormatException e) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "tail, cursor", "must be whole numbers");
    }
    return follow.build();
  }

  private static Timestamp since(String text) {
    try {
      return Timestamps.parse(text);
    } catch (ParseException e) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "since", "is not a time; use for example 2026-01-31T12:00:00Z");
    }
  }

  /** Writes one event per line; asks for more when the client has read. */
  private static final class Events
      implements ClientResponseObserver<FollowLogsRequest, FollowLogsResponse> {
    private final HttpResponseWriter client;
    private final ServiceRequestContext ctx;
    private @Nullable ScheduledFuture<?> keepAlive;
    private @Nullable ClientCallStreamObserver<FollowLogsRequest> call;
    private boolean started;

    Events(HttpResponseWriter client, ServiceRequestContext ctx) {
      this.client = client;
      this.ctx = ctx;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FollowLogsRequest> stream) {
      call = stream;
      stream.disableAutoRequestWithInitial(1);
      client
          .whenComplete()
          .handle(
              (nothing, failure) -> {
                stopKeepAlive();
                stream.cancel("the client is gone", failure);
                return true;
              });
      keepAlive =
          ctx.eventLoop()
              .scheduleAtFixedRate(
                  this::keepAlive,
                  KEEP_ALIVE.toMillis(),
                  KEEP_ALIVE.toMillis(),
                  TimeUnit.MILLISECONDS);
    }

    private synchronized void keepAlive() {
      start();
      if (!client.tryWrite(HttpData.ofUtf8(": still here\n\n"))) {
        stopKeepAlive();
      }
    }

    private void start() {
      if (!started) {
        started = true;
        client.write(
            ResponseHeaders.builder(HttpStatus.OK)
                .contentType(MediaType.EVENT_STREAM)
                .add(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .build());
      }
    }

    @Override
    public synchronized void onNext(FollowLogsResponse response) {
      start();
      StringBuilder events =
          new StringBuilder(response.getLinesCount() == 0 ? ": following\n\n" : "");
      response.getLinesList().forEach(line -> append(events, line));
      if (client.tryWrite(HttpData.ofUtf8(events.toString()))) {
        client.whenConsumed().thenRun(() -> Objects.requireNonNull(call).request(1));
      }
    }

    private static void append(StringBuilder events, LogLine line) {
      try {
        events.append("id: ").append(line.getCursor()).append("\ndata: ");
        events.append(PRINTER.print(line)).append("\n\n");
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("our own message can be printed", e);
      }
    }

    @Override
    public synchronized void onError(Throwable failure) {
      stopKeepAlive();
      if (started) {
        client.close();
        return;
      }
      StatusRuntimeException status =
          Status.fromThrowable(failure).asRuntimeException(Status.trailersFromThrowable(failure));
      ErrorBody.response(status, ctx.id().shortText())
          .aggregate()
          .thenAccept(
              error -> {
                client.write(error.headers());
                client.write(error.content());
                client.close();
              });
    }

    @Override
    public synchronized void onCompleted() {
      stopKeepAlive();
      client.close();
    }

    private void stopKeepAlive() {
      ScheduledFuture<?> task = keepAlive;
      if (task != null) {
        task.cancel(false);
      }
    }
  }
}
