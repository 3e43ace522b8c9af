package dev.skep.controlplane.server;

import com.google.protobuf.Message;
import dev.skep.controlplane.rpc.Errors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.SynchronizationContext;

/**
 * A call of a gRPC method without a network: its handler works on the thread that makes the call.
 *
 * <p>gRPC has a transport inside of a process too, but it lets calls in one at a time, and who
 * calls is found out while they come in.
 */
final class LocalCall extends ServerCall<Message, Message> {
  private final ServerMethodDefinition<Message, Message> method;
  private final Client client;
  private final SynchronizationContext callbacks =
      new SynchronizationContext((thread, failure) -> fail(failure));

  private volatile boolean cancelled;
  private volatile boolean closed;
  private Listener<Message> listener = new Listener<>() {};

  /** Who makes the call and gets the answers. */
  interface Client {
    /** Whether it can take an answer now. */
    boolean ready();

    void answer(Message answer);

    /** After the last answer. */
    void end(Status status, Metadata trailers);
  }

  LocalCall(ServerMethodDefinition<Message, Message> method, Client client) {
    this.method = method;
    this.client = client;
  }

  void make(Metadata headers, Message request) {
    callbacks.execute(
        () -> {
          listener = method.getServerCallHandler().startCall(this, headers);
          if (!closed) {
            listener.onMessage(request);
            listener.onHalfClose();
          }
        });
  }

  /** The client can take more. */
  void readyAgain() {
    callbacks.execute(() -> listener.onReady());
  }

  /** The client is gone. */
  void cancel() {
    cancelled = true;
    callbacks.execute(() -> listener.onCancel());
  }

  private void fail(Throwable failure) {
    StatusRuntimeException status = Errors.status(failure);
    Metadata trailers = status.getTrailers();
    close(status.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  @Override
  public void request(int messages) {
    // There is one.
  }

  @Override
  public void sendHeaders(Metadata headers) {
    // They say nothing that REST shows.
  }

  @Override
  public boolean isReady() {
    return client.ready();
  }

  @Override
  public void sendMessage(Message answer) {
    client.answer(answer);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (!closed) {
      closed = true;
      client.end(status, trailers);
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public MethodDescriptor<Message, Message> getMethodDescriptor() {
    return method.getMethodDescriptor();
  }
}
