package dev.skep.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A call with one request. It is kept until it is complete and then sent to one control plane after
 * the other, until one answers.
 */
final class FailoverCall<Q, A> extends ClientCall<Q, A> {
  /** One that is frozen says nothing; others must have time to answer. */
  private static final long PATIENCE_SECONDS = 6;

  private final FailoverChannel servers;
  private final MethodDescriptor<Q, A> method;
  private final CallOptions options;
  private @Nullable Listener<A> listener;
  private Metadata headers = new Metadata();
  private @Nullable Q message;
  private int requested;
  private int attempts;
  private @Nullable ClientCall<Q, A> attempt;

  FailoverCall(FailoverChannel servers, MethodDescriptor<Q, A> method, CallOptions options) {
    this.servers = servers;
    this.method = method;
    this.options = options;
  }

  @Override
  public synchronized void start(Listener<A> answers, Metadata metadata) {
    listener = answers;
    headers = metadata;
  }

  @Override
  public synchronized void request(int messages) {
    requested += messages;
    if (attempt != null) {
      attempt.request(messages);
    }
  }

  @Override
  public synchronized void sendMessage(Q request) {
    message = request;
  }

  @Override
  public synchronized void halfClose() {
    send();
  }

  @Override
  public synchronized void cancel(@Nullable String why, @Nullable Throwable cause) {
    if (attempt != null) {
      attempt.cancel(why, cause);
    }
  }

  private void send() {
    var request = java.util.Objects.requireNonNull(message);
    var answers = java.util.Objects.requireNonNull(listener);
    attempts++;
    var server = servers.channel();
    var next = server.newCall(method, limited());
    attempt = next;
    var copy = new Metadata();
    copy.merge(headers);
    next.start(new Answers(answers, server), copy);
    next.request(requested);
    next.sendMessage(request);
    next.halfClose();
  }

  private CallOptions limited() {
    return isLast()
            || !method.getType().serverSendsOneMessage()
            || !Repeatable.isSafe(method, headers)
        ? options
        : options.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private boolean isLast() {
    return attempts >= servers.size();
  }

  private synchronized boolean goesOn(Status status, Channel server) {
    boolean away =
        switch (status.getCode()) {
          case UNAVAILABLE -> Repeatable.neverLeft(status) || Repeatable.isSafe(method, headers);
          case DEADLINE_EXCEEDED ->
              Repeatable.isSafe(method, headers) && method.getType().serverSendsOneMessage();
          default -> false;
        };
    if (away) {
      servers.leave(server);
    }
    if (!away || isLast()) {
      return false;
    }
    send();
    return true;
  }

  private final class Answers extends SimpleForwardingClientCallListener<A> {
    private final Channel server;
    private boolean answered;

    Answers(Listener<A> listener, Channel server) {
      super(listener);
      this.server = server;
    }

    @Override
    public void onHeaders(Metadata metadata) {
      answered = true;
      super.onHeaders(metadata);
    }

    @Override
    public void onMessage(A answer) {
      answered = true;
      super.onMessage(answer);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (answered || !goesOn(status, server)) {
        super.onClose(status, trailers);
      }
    }
  }
}
