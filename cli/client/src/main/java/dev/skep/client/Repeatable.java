package dev.skep.client;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.stream.Stream;

/** Which calls may be made a second time. */
final class Repeatable {
  private static final Set<String> READS =
      Set.of("Get", "List", "Follow", "Explain", "Plan", "Watch");

  private Repeatable() {}

  /** A read, or a change that the control plane recognizes. */
  static boolean isSafe(MethodDescriptor<?, ?> method, Metadata headers) {
    return isRead(method) || headers.containsKey(CallHeaders.KEY);
  }

  static boolean isRead(MethodDescriptor<?, ?> method) {
    var name = String.valueOf(method.getBareMethodName());
    return READS.stream().anyMatch(name::startsWith);
  }

  /** Whether nobody can have seen the call. */
  static boolean neverLeft(Status failure) {
    return Stream.iterate(failure.getCause(), cause -> cause != null, Throwable::getCause)
        .anyMatch(
            cause ->
                cause instanceof ConnectException
                    || cause instanceof NoRouteToHostException
                    || cause instanceof UnknownHostException);
  }
}
