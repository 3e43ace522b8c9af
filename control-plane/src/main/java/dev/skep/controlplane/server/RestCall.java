package dev.skep.controlplane.server;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.v1.AccessProto;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One REST operation: JSON and parameters to a message, the call, and back. */
final class RestCall implements HttpService {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();
  private static final Pattern UNKNOWN_FIELD =
      Pattern.compile("Cannot find field: (\\S+) in message");

  private final ServerMethodDefinition<Message, Message> definition;
  private final MethodDescriptor<Message, Message> method;
  private final boolean hasBody;

  RestCall(ServerMethodDefinition<Message, Message> definition, boolean hasBody) {
    this.definition = definition;
    this.method = definition.getMethodDescriptor();
    this.hasBody = hasBody;
  }

  @Override
  public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
    if (!acceptsJson(request.headers())) {
      throw HttpStatusException.of(HttpStatus.NOT_ACCEPTABLE);
    }
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
      ReadMask mask =
          ReadMask.of(
              ctx.queryParams().getAll(ReadMask.PARAMETER),
              prototype(method.getResponseMarshaller()).getDescriptorForType());
      Message answer = call(headers(request.headers()), message(ctx, request));
      return new RestAnswer(ctx, request.headers()).of(answer, mask);
    } catch (StatusRuntimeException e) {
      return refused(request.headers(), e, requestId);
    } catch (HttpStatusException e) {
      return HttpErrors.plain(e.httpStatus(), requestId);
    } catch (InvalidProtocolBufferException | RuntimeException e) {
      return ErrorBody.response(Errors.status(e), requestId);
    }
  }

  /** A condition in a header is HTTP's, and so is the status when it does not hold. */
  private static HttpResponse refused(
      RequestHeaders request, StatusRuntimeException failure, String requestId) {
    ErrorBody body = ErrorBody.of(failure, requestId);
    boolean condition =
        request.contains(HttpHeaderNames.IF_MATCH)
            && body.code().equals(Reason.ETAG_MISMATCH.name());
    return condition
        ? ErrorBody.response(HttpStatus.PRECONDITION_FAILED, body)
        : ErrorBody.response(failure, requestId);
  }

  private static boolean acceptsJson(RequestHeaders request) {
    List<MediaType> accepted = request.accept();
    return accepted.isEmpty()
        || accepted.stream().anyMatch(range -> MediaType.JSON.belongsTo(range.withoutParameters()));
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
    Message.Builder message = prototype(method.getRequestMarshaller()).newBuilderForType();
    if (hasBody && !request.content().isEmpty()) {
      MediaType type = request.contentType();
      if (type == null || !type.is(MediaType.JSON.withoutParameters())) {
        throw HttpStatusException.of(HttpStatus.UNSUPPORTED_MEDIA_TYPE);
      }
      merge("body", text(request.content().array()), message);
    }
    parameters(ctx, Set.of(ReadMask.PARAMETER), message);
    String ifMatch = request.headers().get(HttpHeaderNames.IF_MATCH);
    if (ifMatch != null) {
      EntityTag.require(ifMatch, message);
    }
    return message.build();
  }

  /** Bytes that are no UTF-8 are the caller's mistake, and not to be stored as something else. */
  private static String text(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw Refusal.ofField(Reason.INVALID_FIELD, "body", "is not UTF-8");
    }
  }

  static Message prototype(MethodDescriptor.Marshaller<Message> marshaller) {
    return java.util.Objects.requireNonNull(
        ((MethodDescriptor.PrototypeMarshaller<Message>) marshaller).getMessagePrototype());
  }

  /** Path and query parameters, by the same rules as for a body. */
  static void parameters(ServiceRequestContext ctx, Set<String> known, Message.Builder message) {
    QueryParams query = ctx.queryParams();
    for (String name : query.names()) {
      if (!known.contains(name)) {
        merge(name, name, query.getAll(name), message);
      }
    }
    ctx.pathParams().forEach((name, value) -> merge(name, name, List.of(value), message));
  }

  /** One parameter, which is named when it is wrong. */
  static void merge(String parameter, String field, List<String> values, Message.Builder message) {
    JsonObject object = new JsonObject();
    if (values.size() == 1 && !isRepeated(field, message)) {
      object.addProperty(field, values.getFirst());
    } else {
      JsonArray array = new JsonArray();
      values.forEach(array::add);
      object.add(field, array);
    }
    merge(parameter, object.toString(), message);
  }

  private static boolean isRepeated(String name, Message.Builder message) {
    return message.getDescriptorForType().getFields().stream()
        .anyMatch(
            f -> f.isRepeated() && (f.getName().equals(name) || f.getJsonName().equals(name)));
  }

  private static void merge(String where, String json, Message.Builder message) {
    try {
      PARSER.merge(json, message);
    } catch (InvalidProtocolBufferException e) {
      throw malformed(where, String.valueOf(e.getMessage()), message.getDescriptorForType());
    } catch (RuntimeException e) {
      // The parser lets some exceptions of its JSON reader through.
      throw malformed(where, "is not valid JSON", message.getDescriptorForType());
    }
  }

  private static Refusal malformed(String where, String message, Descriptor type) {
    Matcher unknown = UNKNOWN_FIELD.matcher(message);
    if (unknown.find()) {
      return Refusal.ofField(
          Reason.INVALID_FIELD, unknown.group(1), "is unknown here; check the spelling");
    }
    if (type.getFields().stream().anyMatch(RestCall::isSecret)) {
      // The parser quotes what it cannot read.
      return Refusal.ofField(
          Reason.INVALID_FIELD, where, "cannot be read; values are base64 in quotes");
    }
    // The parser's message starts with the class of what it caught and ends with a link.
    String words =
        message.replaceFirst("^[\\w.]+Exception: ", "").replaceFirst("(?s)\\nSee .*", "");
    String shown = words.length() > 300 ? words.substring(0, 300) + "…" : words;
    return Refusal.ofField(Reason.INVALID_FIELD, where, shown);
  }

  private static boolean isSecret(FieldDescriptor field) {
    return field.getType() == FieldDescriptor.Type.BYTES
        && field.getOptions().getExtension(AccessProto.sensitive);
  }

  /** Those that say who calls, about what, and whether it was sent before. */
  static Metadata headers(RequestHeaders request) {
    Metadata headers = new Metadata();
    for (Metadata.Key<String> key :
        List.of(Authentication.AUTHORIZATION, Authentication.ORGANIZATION, KeyedCall.KEY)) {
      String value = request.get(key.name());
      if (value != null) {
        headers.put(key, value);
      }
    }
    return headers;
  }

  private Message call(Metadata headers, Message message) {
    Result result = new Result();
    new LocalCall(definition, result).make(headers, message);
    return result.get();
  }

  /** What a call came to, which is over when its handler returns. */
  private static final class Result implements LocalCall.Client {
    private @Nullable Message answer;
    private Status status = Status.INTERNAL.withDescription("the call has not ended");
    private Metadata trailers = new Metadata();

    @Override
    public boolean ready() {
      return true;
    }

    @Override
    public void answer(Message one) {
      answer = one;
    }

    @Override
    public void end(Status how, Metadata metadata) {
      status = how;
      trailers = metadata;
    }

    Message get() {
      if (status.isOk() && answer != null) {
        return answer;
      }
      throw status.asRuntimeException(trailers);
    }
  }
}
