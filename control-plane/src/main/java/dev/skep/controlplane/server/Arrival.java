package dev.skep.controlplane.server;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a request may take to arrive: its headers, from the first byte on, and then its body.
 * The connection of one that takes longer is closed, whatever it sends meanwhile.
 */
record Arrival(Duration timeout) {
  private static final AttributeKey<Headers> HEADERS =
      AttributeKey.valueOf(Arrival.class, "headers");

  /** First of all, where bytes come in. */
  void watch(ChannelPipeline pipeline) {
    Headers headers = new Headers(timeout);
    pipeline.channel().attr(HEADERS).set(headers);
    pipeline.addFirst(headers);
  }

  HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request)
      throws Exception {
    Channel channel = Objects.requireNonNull(ctx.log().partial().channel());
    Headers headers = channel.attr(HEADERS).get();
    headers.arrived();
    ctx.log().whenComplete().thenRun(() -> channel.eventLoop().execute(headers::answered));
    if (!request.isEmpty()) {
      var late =
          channel
              .eventLoop()
              .schedule(() -> cut(request, channel), timeout.toMillis(), TimeUnit.MILLISECONDS);
      request.whenComplete().whenComplete((nothing, failure) -> late.cancel(false));
    }
    return delegate.serve(ctx, request);
  }

  private static void cut(HttpRequest request, Channel channel) {
    if (!request.whenComplete().isDone()) {
      channel.close();
    }
  }

  /** Of one connection; on its event loop alone. */
  private static final class Headers extends ChannelInboundHandlerAdapter {
    private final Duration timeout;
    private int requests;
    private @Nullable Future<?> late;

    Headers(Duration timeout) {
      this.timeout = timeout;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
      if (requests == 0 && late == null) {
        late =
            ctx.executor().schedule(() -> ctx.close(), timeout.toMillis(), TimeUnit.MILLISECONDS);
      }
      ctx.fireChannelRead(bytes);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      inTime();
      ctx.fireChannelInactive();
    }

    void arrived() {
      requests++;
      inTime();
    }

    void answered() {
      requests--;
    }

    private void inTime() {
      Future<?> deadline = late;
      if (deadline != null) {
        deadline.cancel(false);
        late = null;
      }
    }
  }
}
