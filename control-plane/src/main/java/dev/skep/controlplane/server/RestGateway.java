package dev.skep.controlplane.server;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.server.ServerBuilder;
import dev.skep.controlplane.rpc.ErrorInterceptor;
import dev.skep.controlplane.rpc.RestRule;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * REST as the same services under the paths of their {@code google.api.http} annotations. Calls
 * pass the same interceptors, so that authentication and errors are the same on both ways.
 *
 * <p>Armeria can transcode by itself, but ignores unknown fields, query parameters and enum values,
 * where we owe the user a field-level error.
 */
final class RestGateway {
  private final List<BindableService> apis;
  private final Authentication authentication;

  RestGateway(List<BindableService> apis, Authentication authentication) {
    this.apis = apis;
    this.authentication = authentication;
  }

  void addTo(ServerBuilder builder) {
    Map<String, Set<HttpMethod>> taken = new TreeMap<>();
    List<ServerMethodDefinition<Message, Message>> calls = calls();
    for (var call : calls) {
      for (RestRule rule : RestRule.of(proto(call))) {
        Set<HttpMethod> verbs = verbs(rule);
        if (isUnary(call)) {
          // One route for each: Armeria remembers what it found for a path, unless there is another
          // route with the same path and the same methods that looks at parameters.
          var service = new RestCall(call, rule.hasBody());
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
  private List<ServerMethodDefinition<Message, Message>> calls() {
    List<ServerMethodDefinition<Message, Message>> calls = new ArrayList<>();
    for (BindableService api : apis) {
      var intercepted =
          ServerInterceptors.interceptForward(api, new ErrorInterceptor(), authentication);
      for (ServerMethodDefinition<?, ?> method : intercepted.getMethods()) {
        @SuppressWarnings("unchecked")
        var typed = (ServerMethodDefinition<Message, Message>) method;
        calls.add(typed);
      }
    }
    calls.sort(Comparator.comparing(RestGateway::isUnary));
    return calls;
  }

  private static boolean isUnary(ServerMethodDefinition<?, ?> call) {
    return call.getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY;
  }

  /** Where a list has the same path, a parameter asks for the stream. */
  private void stream(
      ServerBuilder builder,
      ServerMethodDefinition<Message, Message> call,
      RestRule rule,
      List<ServerMethodDefinition<Message, Message>> calls) {
    boolean shared =
        calls.stream()
            .filter(RestGateway::isUnary)
            .anyMatch(other -> RestRule.of(proto(other)).contains(rule));
    var route = builder.route().get(rule.path()).requestTimeoutMillis(0);
    if (shared) {
      route.matchesParams(EventStream.FOLLOW + "=true");
    }
    route.build(new EventStream(call));
  }

  private static Descriptors.MethodDescriptor proto(ServerMethodDefinition<?, ?> method) {
    var schema = (ProtoMethodDescriptorSupplier) method.getMethodDescriptor().getSchemaDescriptor();
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
}
