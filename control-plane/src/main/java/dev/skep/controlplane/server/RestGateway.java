package dev.skep.controlplane.server;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServerBuilder;
import dev.skep.controlplane.rpc.ErrorInterceptor;
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
import java.util.List;
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
    LogEvents logs = new LogEvents(channel);
    builder
        .route()
        .get(LogEvents.PATH)
        .matchesParams("follow=true")
        .requestTimeoutMillis(0)
        .build(logs);
    for (BindableService api : apis) {
      for (ServerMethodDefinition<?, ?> method : api.bindService().getMethods()) {
        add(builder, method.getMethodDescriptor());
      }
    }
  }

  private void add(ServerBuilder builder, MethodDescriptor<?, ?> method) {
    var schema = (ProtoMethodDescriptorSupplier) method.getSchemaDescriptor();
    Descriptors.MethodDescriptor proto =
        java.util.Objects.requireNonNull(schema).getMethodDescriptor();
    HttpRule rule = proto.getOptions().getExtension(AnnotationsProto.http);
    RestRoute route =
        switch (rule.getPatternCase()) {
          case GET -> new RestRoute(HttpMethod.GET, rule.getGet());
          case POST -> new RestRoute(HttpMethod.POST, rule.getPost());
          case PATCH -> new RestRoute(HttpMethod.PATCH, rule.getPatch());
          case PUT -> new RestRoute(HttpMethod.PUT, rule.getPut());
          case DELETE -> new RestRoute(HttpMethod.DELETE, rule.getDelete());
          case CUSTOM, PATTERN_NOT_SET -> RestRoute.NONE;
        };
    if (route.equals(RestRoute.NONE)) {
      return;
    }
    @SuppressWarnings("unchecked")
    var typed = (MethodDescriptor<Message, Message>) method;
    builder
        .route()
        .path(route.path)
        .methods(route.method)
        .build(new RestCall(channel, typed, !rule.getBody().isEmpty()));
  }

  private record RestRoute(HttpMethod method, String path) {
    static final RestRoute NONE = new RestRoute(HttpMethod.UNKNOWN, "");
  }

  static HttpResponse json(String body, String requestId) {
    return HttpResponse.of(
        ResponseHeaders.builder(HttpStatus.OK)
            .contentType(com.linecorp.armeria.common.MediaType.JSON)
            .add(HttpHeaderNames.of("x-request-id"), requestId)
            .build(),
        com.linecorp.armeria.common.HttpData.ofUtf8(body));
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
