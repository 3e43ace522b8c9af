package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What tests say about calls that are refused. */
final class Refused {
  private Refused() {}

  /** What the refusal says. */
  static String message(ThrowingCallable call) {
    return String.valueOf(
        catchThrowableOfType(StatusRuntimeException.class, call).getStatus().getDescription());
  }

  static void assertRefused(String reason, ThrowingCallable call) {
    var failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).as(reason).isNotNull();
    try {
      for (Any detail :
          Objects.requireNonNull(StatusProto.fromThrowable(failure)).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          assertThat(detail.unpack(ErrorInfo.class).getReason()).isEqualTo(reason);
          return;
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError(String.valueOf(failure.getStatus()));
  }
}
