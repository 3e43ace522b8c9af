package dev.skep.controlplane;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/** The address by which other machines most likely reach this one. */
final class LocalAddress {
  // A documentation address: a datagram socket only asks the routing table, nothing is sent.
  private static final InetSocketAddress ANYWHERE = new InetSocketAddress("192.0.2.1", 9);

  private LocalAddress() {}

  /** Source address of the default route; loopback when there is none. */
  static String ofDefaultRoute() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(ANYWHERE);
      String address = socket.getLocalAddress().getHostAddress();
      return address.equals("0.0.0.0") ? "127.0.0.1" : address;
    } catch (IOException | RuntimeException e) {
      // No route at all: a machine without a network still serves itself.
      return "127.0.0.1";
    }
  }
}
