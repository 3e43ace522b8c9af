package dev.skep.agent.link;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.SocketFactory;
import jdk.net.ExtendedSocketOptions;

/**
 * Sockets of which the kernel probes the other end, so that a control plane that vanished is left
 * for another one in seconds.
 */
final class ProbedSockets extends SocketFactory {
  private static final int IDLE_SECONDS = 5;
  private static final int INTERVAL_SECONDS = 2;
  private static final int PROBES = 3;

  @Override
  @SuppressWarnings("AddressSelection") // Only who asks for a name gets one looked up.
  public Socket createSocket() throws IOException {
    var socket = new Socket();
    socket.setKeepAlive(true);
    var known = socket.supportedOptions();
    if (known.contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
      socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, IDLE_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, INTERVAL_SECONDS);
      socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, PROBES);
    }
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port), null);
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connected(
        new InetSocketAddress(host, port), new InetSocketAddress(localHost, localPort));
  }

  private Socket connected(
      InetSocketAddress address, @org.jspecify.annotations.Nullable InetSocketAddress from)
      throws IOException {
    var socket = createSocket();
    socket.bind(from);
    socket.connect(address);
    return socket;
  }
}
