package dev.skep.controlplane.server;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.nio.NioChannelOption;
import jdk.net.ExtendedSocketOptions;

/**
 * Lets the kernel notice machines that died without a word. Its probes of an idle connection wake
 * no program up; a ping of HTTP/2 every few seconds for each of ten thousand agents would.
 */
final class DeadPeers {
  private static final int IDLE_SECONDS = 2;
  private static final int INTERVAL_SECONDS = 1;
  private static final int PROBES = 2;

  /**
   * For what was sent and not acknowledged, where probes do not help; outlasts a few lost packets.
   */
  private static final int UNACKNOWLEDGED_MILLIS = 5_000;

  private DeadPeers() {}

  /** Without the native transport the pings of HTTP/2 notice what is sent and not acknowledged. */
  static void noticeSoon(NettyServerBuilder builder) {
    builder.withChildOption(ChannelOption.SO_KEEPALIVE, true);
    if (Epoll.isAvailable()) {
      builder
          .withChildOption(EpollChannelOption.TCP_KEEPIDLE, IDLE_SECONDS)
          .withChildOption(EpollChannelOption.TCP_KEEPINTVL, INTERVAL_SECONDS)
          .withChildOption(EpollChannelOption.TCP_KEEPCNT, PROBES)
          .withChildOption(EpollChannelOption.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MILLIS);
    } else {
      builder
          .withChildOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPIDLE), IDLE_SECONDS)
          .withChildOption(
              NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPINTERVAL), INTERVAL_SECONDS)
          .withChildOption(NioChannelOption.of(ExtendedSocketOptions.TCP_KEEPCOUNT), PROBES);
    }
  }
}
