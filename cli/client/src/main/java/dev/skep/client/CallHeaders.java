package dev.skep.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Puts who calls and which organization it is about on every call, and a key on changes. */
final class CallHeaders implements ClientInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final Metadata.Key<String> ORGANIZATION =
      Metadata.Key.of("skep-organization", Metadata.ASCII_STRING_MARSHALLER);

  /** The same for every attempt of one call: a change whose answer was lost is not made twice. */
  static final Metadata.Key<String> KEY =
      Metadata.Key.of("idempotency-key", Metadata.ASCII_STRING_MARSHALLER);

  private final Target target;

  CallHeaders(Target target) {
    this.target = target;
  }

  @Override
  public <Q, A> ClientCall<Q, A> interceptCall(
      MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<A> listener, Metadata headers) {
        put(headers, AUTHORIZATION, target.token() == null ? null : "Bearer " + target.token());
        put(headers, ORGANIZATION, target.organization());
        if (!Repeatable.isRead(method)) {
          headers.put(KEY, UUID.randomUUID().toString());
        }
        super.start(listener, headers);
      }
    };
  }

  private static void put(Metadata headers, Metadata.Key<String> key, @Nullable String value) {
    if (value != null) {
      headers.put(key, value);
    }
  }
}
