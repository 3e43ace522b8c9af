package dev.skep.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Several control planes as one: calls go to the one that answered last, and on to the next when it
 * is away and the call can be repeated.
 */
final class FailoverChannel extends Channel {
  private final List<ManagedChannel> channels;
  private final AtomicInteger current = new AtomicInteger();

  FailoverChannel(List<ManagedChannel> channels) {
    this.channels = List.copyOf(channels);
  }

  @Override
  public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
    return channels.size() == 1 || !method.getType().clientSendsOneMessage()
        ? channel().newCall(method, options)
        : new FailoverCall<>(this, method, options);
  }

  Channel channel() {
    return channels.get(current.get());
  }

  int size() {
    return channels.size();
  }

  /** Goes on from {@code failed}, unless another call has done so already. */
  void leave(Channel failed) {
    int index = channels.indexOf(failed);
    current.compareAndSet(index, (index + 1) % channels.size());
  }

  @Override
  public String authority() {
    return channel().authority();
  }

  void shutdownNow() {
    channels.forEach(ManagedChannel::shutdownNow);
  }
}
