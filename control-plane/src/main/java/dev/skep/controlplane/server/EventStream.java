package dev.skep.controlplane.server;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A streaming call as server-sent events. What comes as a list in an answer is an event for each
 * element; where elements have a position, it is the event's id, so that a browser that reconnects
 * goes on where it was.
 */
final class EventStream implements HttpService {
  /** Asks for the stream where a list has the same path. */
  static final String FOLLOW = "follow";

  /** What positions are called in requests, and in what they are about. */
  private static final Set<String> POSITIONS = Set.of("cursor", "after_sequence", "sequence");

  private static final String LAST_EVENT_ID = "last-event-id";
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(15);
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();

  private final ServerMethodDefinition<Message, Message> definition;
  private final MethodDescriptor<Message, Message> method;

  EventStream(ServerMethodDefinition<Message, Message> definition) {
    this.definition = definition;
    this.method = definition.getMethodDescriptor();
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    Message asked;
    try {
      asked = message(ctx, request);
    } catch (Refusal e) {
      return ErrorBody.response(Errors.status(e), ctx.id().shortText());
    }
    HttpResponseWriter client = HttpResponse.streaming();
    Events events = new Events(client, ctx, definition);
    Metadata headers = RestCall.headers(request.headers());
    ctx.blockingTaskExecutor().execute(() -> events.begin(headers, asked));
    return client;
  }

  private Message message(ServiceRequestContext ctx, HttpRequest request) {
    Message.Builder message = RestCall.prototype(method.getRequestMarshaller()).newBuilderForType();
    RestCall.parameters(ctx, Set.of(FOLLOW), message);
    String last = request.headers().get(LAST_EVENT_ID);
    FieldDescriptor position = position(message.getDescriptorForType());
    if (last != null && position != null) {
      message.clearField(position);
      RestCall.merge(LAST_EVENT_ID, position.getJsonName(), List.of(last), message);
    }
    return message.build();
  }

  private static @Nullable FieldDescriptor position(Descriptor type) {
    return type.getFields().stream()
        .filter(field -> POSITIONS.contains(field.getName()))
        .findFirst()
        .orElse(null);
  }

  /** Writes events; asks for more when the client has read. */
  private static final class Events implements LocalCall.Client {
    private final HttpResponseWriter client;
    private final ServiceRequestContext ctx;
    private final LocalCall call;
    private @Nullable ScheduledFuture<?> keepAlive;
    private volatile boolean reads = true;
    private boolean started;

    Events(
        HttpResponseWriter client,
        ServiceRequestContext ctx,
        ServerMethodDefinition<Message, Message> definition) {
      this.client = client;
      this.ctx = ctx;
      this.call = new LocalCall(definition, this);
    }

    void begin(Metadata headers, Message asked) {
      keepAlive =
          ctx.eventLoop()
              .scheduleAtFixedRate(
                  this::keepAlive,
                  KEEP_ALIVE.toMillis(),
                  KEEP_ALIVE.toMillis(),
                  TimeUnit.MILLISECONDS);
      client
          .whenComplete()
          .handle(
              (nothing, failure) -> {
                stopKeepAlive();
                call.cancel();
                return true;
              });
      call.make(headers, asked);
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
    public boolean ready() {
      return reads;
    }

    @Override
    public synchronized void answer(Message answer) {
      start();
      reads = false;
      String events = events(answer);
      if (client.tryWrite(HttpData.ofUtf8(events.isEmpty() ? ": following\n\n" : events))) {
        client.whenConsumed().thenRun(this::readsOn);
      }
    }

    private void readsOn() {
      reads = true;
      call.readyAgain();
    }

    private static String events(Message response) {
      FieldDescriptor list = response.getDescriptorForType().getFields().getFirst();
      if (!list.isRepeated()) {
        return response.equals(response.getDefaultInstanceForType()) ? "" : event(response);
      }
      StringBuilder events = new StringBuilder();
      ((List<?>) response.getField(list)).forEach(one -> events.append(event((Message) one)));
      return events.toString();
    }

    private static String event(Message message) {
      FieldDescriptor position = position(message.getDescriptorForType());
      String id = position == null ? "" : "id: " + message.getField(position) + "\n";
      try {
        return id + "data: " + PRINTER.print(message) + "\n\n";
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("our own message can be printed", e);
      }
    }

    @Override
    public synchronized void end(Status status, Metadata trailers) {
      stopKeepAlive();
      if (status.isOk() || started) {
        client.close();
        return;
      }
      ErrorBody.response(status.asRuntimeException(trailers), ctx.id().shortText())
          .aggregate()
          .thenAccept(
              error -> {
                client.write(error.headers());
                client.write(error.content());
                client.close();
              });
    }

    private void stopKeepAlive() {
      ScheduledFuture<?> task = keepAlive;
      if (task != null) {
        task.cancel(false);
      }
    }
  }
}
