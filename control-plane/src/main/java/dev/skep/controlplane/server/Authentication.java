package dev.skep.controlplane.server;

import dev.skep.controlplane.kernel.Caller;
import dev.skep.controlplane.rpc.Calls;
import dev.skep.controlplane.tenancy.ApiTokens;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthGrpc;
import java.util.Optional;

/** Every call of the people's port needs a token; only health does not. */
final class Authentication implements ServerInterceptor {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final ApiTokens tokens;

  Authentication(ApiTokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName())) {
      return next.startCall(call, headers);
    }
    Caller caller = tokens.authenticate(Optional.ofNullable(headers.get(AUTHORIZATION)));
    Context context = Context.current().withValue(Calls.CALLER, caller);
    return Contexts.interceptCall(context, call, headers, next);
  }
}
