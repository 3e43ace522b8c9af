package dev.skep.controlplane.server;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import dev.skep.controlplane.rpc.ErrorInterceptor;
import dev.skep.controlplane.rpc.RestRule;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * REST as the same services under the paths of their {@code google.api.http} annotations. Calls go
 * through an in-process gRPC server, so that authentication and errors are the same on both ways.
 *
 * <p>Armeria can transcode by itself, but ignores unknown fields, query parameters and enum values,
 * where we owe the user a field-level error.
 */
final class RestGateway implements AutoCloseable {
  private final Server server;
  private final ManagedChannel channel;
  private final List<BindableService> apis;

  RestGateway(List<BindableService> apis, Authentication authentication) {
    this.apis = apis;
    String name = "rest-" + UUID.randomUUID();
    InProcessServerBuilder builder =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .intercept(authentication)
            .intercept(new ErrorInterceptor());
    apis.forEach(builder::addService);
    try {
      this.server = builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.channel = InProcessChannelBuilder.forName(name).directExecutor().build();
  }

  void addTo(ServerBuilder builder) {
    Map<String, Set<HttpMethod>> taken = new TreeMap<>();
    List<MethodDescriptor<Message, Message>> calls = calls();
    for (var call : calls) {
      for (RestRule rule : RestRule.of(proto(call))) {
        Set<HttpMethod> verbs = verbs(rule);
        if (call.getType() == MethodDescriptor.MethodType.UNARY) {
          // One route for each: Armeria remembers what it found for a path, unless there is another
          // route with the same path and the same methods that looks at parameters.
          var service = new RestCall(channel, call, rule.hasBody());
          verbs.forEach(verb -> builder.route().path(rule.path()).methods(verb).build(service));
        } else {
          stream(builder, call, rule, calls);
        }
        taken.computeIfAbsent(shape(rule), p -> EnumSet.noneOf(HttpMethod.class)).addAll(verbs);
      }
    }
    taken.forEach((path, verbs) -> new OtherMethods(verbs).addTo(builder, path));
  }

  /** Streams first: of routes that fit, the first one takes the request. */
  private List<MethodDescriptor<Message, Message>> calls() {
    List<MethodDescriptor<Message, Message>> calls = new ArrayList<>();
    for (BindableService api : apis) {
      for (ServerMethodDefinition<?, ?> method : api.bindService().getMethods()) {
        @SuppressWarnings("unchecked")
        var typed = (MethodDescriptor<Message, Message>) method.getMethodDescriptor();
        calls.add(typed);
      }
    }
    calls.sort(Comparator.comparing(call -> call.getType() == MethodDescriptor.MethodType.UNARY));
    return calls;
  }

  /** Where a list has the same path, a parameter asks for the stream. */
  private void stream(
      ServerBuilder builder,
      MethodDescriptor<Message, Message> call,
      RestRule rule,
      List<MethodDescriptor<Message, Message>> calls) {
    boolean shared =
        calls.stream()
            .filter(other -> other.getType() == MethodDescriptor.MethodType.UNARY)
            .anyMatch(other -> RestRule.of(proto(other)).contains(rule));
    var route = builder.route().get(rule.path()).requestTimeoutMillis(0);
    if (shared) {
      route.matchesParams(EventStream.FOLLOW + "=true");
    }
    route.build(new EventStream(channel, call));
  }

  private static Descriptors.MethodDescriptor proto(MethodDescriptor<?, ?> method) {
    var schema = (ProtoMethodDescriptorSupplier) method.getSchemaDescriptor();
    return Objects.requireNonNull(schema).getMethodDescriptor();
  }

  private static Set<HttpMethod> verbs(RestRule rule) {
    HttpMethod verb = HttpMethod.valueOf(rule.verb());
    return verb == HttpMethod.GET ? EnumSet.of(HttpMethod.GET, HttpMethod.HEAD) : EnumSet.of(verb);
  }

  /** A parameter's name does not make a path another one. */
  private static String shape(RestRule rule) {
    String[] parts = rule.path().split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      parts[i] = parts[i].startsWith("{") ? "{p" + i + "}" : parts[i];
    }
    return String.join("/", parts);
  }

  static HttpResponse json(String body, EntityTag tag, String requestId) {
    return HttpResponse.of(headers(HttpStatus.OK, tag, requestId), HttpData.ofUtf8(body));
  }

  static HttpResponse notModified(EntityTag tag, String requestId) {
    return HttpResponse.of(headers(HttpStatus.NOT_MODIFIED, tag, requestId));
  }

  private static ResponseHeaders headers(HttpStatus status, EntityTag tag, String requestId) {
    return ResponseHeaders.builder(status)
        .contentType(MediaType.JSON)
        .add(HttpHeaderNames.ETAG, tag.toString())
        .add(HttpHeaderNames.CACHE_CONTROL, "no-cache")
        .add(HttpHeaderNames.of("x-request-id"), requestId)
        .build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
