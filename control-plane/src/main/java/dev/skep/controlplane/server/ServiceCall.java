package dev.skep.controlplane.server;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.rpc.Caller;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ServerCall;
import java.util.Optional;

/** A call about one service: whether it may be made is known when it says which. */
final class ServiceCall<Q> extends SimpleForwardingServerCallListener<Q> {
  private static final String FIELD = "service";

  private final Authorization authorization;
  private final Caller caller;
  private final AuditTrail.Attempt attempt;
  private boolean refused;

  ServiceCall(
      Authorization authorization,
      Caller caller,
      AuditTrail.Attempt attempt,
      ServerCall.Listener<Q> listener) {
    super(listener);
    this.authorization = authorization;
    this.caller = caller;
    this.attempt = attempt;
  }

  @Override
  public void onMessage(Q message) {
    super.onMessage(allowed(message));
  }

  @Override
  public void onHalfClose() {
    if (!refused) {
      super.onHalfClose();
    }
  }

  /** Names the service by its id: nothing else may have its name when the work is done. */
  @SuppressWarnings("unchecked") // A copy of a message is of its type.
  private Q allowed(Q message) {
    Message asked = (Message) message;
    FieldDescriptor field = asked.getDescriptorForType().findFieldByName(FIELD);
    try {
      Optional<ServiceId> alone = authorization.on(caller, (String) asked.getField(field));
      return alone
          .map(id -> (Q) asked.toBuilder().setField(field, id.toString()).build())
          .orElse(message);
    } catch (Refusal e) {
      refused = true;
      attempt.asks(asked);
      attempt.refused(e.reason().name(), String.valueOf(e.getMessage()));
      throw e;
    }
  }
}
