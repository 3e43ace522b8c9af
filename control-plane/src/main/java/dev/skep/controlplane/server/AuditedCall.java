package dev.skep.controlplane.server;

import com.google.protobuf.Message;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/** A call that changes something: how it ends is written down. */
final class AuditedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private final AuditTrail.Attempt attempt;

  AuditedCall(ServerCall<Q, A> call, AuditTrail.Attempt attempt) {
    super(call);
    this.attempt = attempt;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    // What could not be done now was not refused, and perhaps it is the database that is away.
    if (!status.isOk() && status.getCode() != Status.Code.UNAVAILABLE) {
      attempt.refused(Errors.reason(status, trailers), String.valueOf(status.getDescription()));
    }
    super.close(status, trailers);
  }

  /** What is asked, and the work, which is done on this very thread. */
  static final class Handler<Q> extends SimpleForwardingServerCallListener<Q> {
    private final AuditTrail.Attempt attempt;

    Handler(AuditTrail.Attempt attempt, ServerCall.Listener<Q> listener) {
      super(listener);
      this.attempt = attempt;
    }

    @Override
    public void onMessage(Q message) {
      if (message instanceof Message asked) {
        attempt.asks(asked);
      }
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      attempt.around(super::onHalfClose);
    }
  }
}
