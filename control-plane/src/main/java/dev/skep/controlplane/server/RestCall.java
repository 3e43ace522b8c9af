package dev.skep.controlplane.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One REST operation: JSON and parameters to a message, the call, and back. */
final class RestCall implements HttpService {
  private static final int DEADLINE_SECONDS = 25;
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();
  private static final Pattern UNKNOWN_FIELD =
      Pattern.compile("Cannot find field: (\\S+) in message");

  private final Channel channel;
  private final MethodDescriptor<Message, Message> method;
  private final boolean hasBody;

  RestCall(Channel channel, MethodDescriptor<Message, Message> method, boolean hasBody) {
    this.channel = channel;
    this.method = method;
    this.hasBody = hasBody;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    return HttpResponse.of(
        request
            .aggregate()
            .handleAsync(
                (body, failure) -> answer(ctx, body, failure), ctx.blockingTaskExecutor()));
  }

  private HttpResponse answer(
      ServiceRequestContext ctx,
      @Nullable AggregatedHttpRequest request,
      @Nullable Throwable failure) {
    String requestId = ctx.id().shortText();
    if (request == null) {
      return unread(failure, requestId);
    }
    try {
      Message answer = call(headers(request.headers()), message(ctx, request));
      return RestGateway.json(PRINTER.print(answer), requestId);
    } catch (StatusRuntimeException e) {
      return ErrorBody.response(e, requestId);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      return ErrorBody.response(Errors.status(e), requestId);
    }
  }

  private static HttpResponse unread(@Nullable Throwable failure, String requestId) {
    boolean tooLarge =
        failure != null && Exceptions.peel(failure) instanceof ContentTooLargeException;
    HttpStatus status = tooLarge ? HttpStatus.REQUEST_ENTITY_TOO_LARGE : HttpStatus.BAD_REQUEST;
    String message =
        tooLarge
            ? "the body is larger than " + PeoplePort.MAX_BODY + " bytes"
            : "the body could not be read";
    return ErrorBody.response(
        status,
        new ErrorBody(
            tooLarge ? "BODY_TOO_LARGE" : "BODY_UNREADABLE", message, List.of(), requestId));
  }

  private Message message(ServiceRequestContext ctx, AggregatedHttpRequest request) {
    Message.Builder message = prototype().newBuilderForType();
    if (hasBody && !request.content().isEmpty()) {
      MediaType type = request.contentType();
      if (type == null || !type.is(MediaType.JSON.withoutParameters())) {
        throw Refusal.ofField(Reason.INVALID_FIELD, "content-type", "must be application/json");
      }
      merge(request.contentUtf8(), message);
    }
    merge(parameters(ctx).toString(), message);
    return message.build();
  }

  private Message prototype() {
    var marshaller = (MethodDescriptor.PrototypeMarshaller<Message>) method.getRequestMarshaller();
    return java.util.Objects.requireNonNull(marshaller.getMessagePrototype());
  }

  /** Path and query parameters as one JSON object: the same rules and errors as for a body. */
  private JsonObject parameters(ServiceRequestContext ctx) {
    JsonObject object = new JsonObject();
    QueryParams query = ctx.queryParams();
    for (String name : query.names()) {
      List<String> values = query.getAll(name);
      boolean repeated = isRepeated(name);
      if (values.size() == 1 && !repeated) {
        object.addProperty(name, values.getFirst());
      } else {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        object.add(name, array);
      }
    }
    ctx.pathParams().forEach(object::addProperty);
    return object;
  }

  private boolean isRepeated(String name) {
    return prototype().getDescriptorForType().getFields().stream()
        .anyMatch(
            f -> f.isRepeated() && (f.getName().equals(name) || f.getJsonName().equals(name)));
  }

  private static void merge(String json, Message.Builder message) {
    try {
      PARSER.merge(json, message);
    } catch (InvalidProtocolBufferException e) {
      throw malformed(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      // The parser lets some exceptions of its JSON reader through.
      throw malformed("is not valid JSON");
    }
  }

  private static Refusal malformed(String message) {
    Matcher unknown = UNKNOWN_FIELD.matcher(message);
    if (unknown.find()) {
      return Refusal.ofField(
          Reason.INVALID_FIELD, unknown.group(1), "is unknown here; check the spelling");
    }
    // The parser's message starts with the class of what it caught and ends with a link.
    String words =
        message.replaceFirst("^[\\w.]+Exception: ", "").replaceFirst("(?s)\\nSee .*", "");
    String shown = words.length() > 300 ? words.substring(0, 300) + "…" : words;
    return Refusal.ofField(Reason.INVALID_FIELD, "body", shown);
  }

  /** Those that say who calls and about what. */
  static Metadata headers(RequestHeaders request) {
    Metadata headers = new Metadata();
    for (Metadata.Key<String> key :
        List.of(Authentication.AUTHORIZATION, Authentication.ORGANIZATION)) {
      String value = request.get(key.name());
      if (value != null) {
        headers.put(key, value);
      }
    }
    return headers;
  }

  private Message call(Metadata headers, Message message) {
    return ClientCalls.blockingUnaryCall(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)),
        method,
        CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS),
        message);
  }
}
