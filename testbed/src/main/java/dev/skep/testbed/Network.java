package dev.skep.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lab's bridge and the cables from it to the hosts. */
final class Network {

  private Network() {}

  static void createBridge(Slot slot) {
    var bridge = slot.bridge();
    Shell.must("ip link add %s type bridge".formatted(bridge));
    Shell.must("ip address add %s/24 dev %s".formatted(slot.gateway(), bridge));
    Shell.must("ip link set %s up".formatted(bridge));
    // Where bridged packets pass iptables, an engine on this machine may have set FORWARD to DROP.
    Shell.must("iptables -w -I FORWARD -i %1$s -o %1$s -j ACCEPT".formatted(bridge));
    refuseTheRest(bridge);
  }

  static void removeBridge(Slot slot) {
    var bridge = slot.bridge();
    Shell.run("iptables", "-w", "-D", "FORWARD", "-i", bridge, "-o", bridge, "-j", "ACCEPT");
    Shell.run("ip", "rule", "delete", "iif", bridge);
    Shell.run("ip", "link", "delete", bridge);
  }

  /** A namespace with one end of a cable in it, named eth0; the other end is on the bridge. */
  static void connect(Slot slot, String host, String address) {
    var namespace = slot.namespace(host);
    Shell.must("ip netns add " + namespace);
    Shell.must("ip link add %1$s type veth peer name eth0 netns %1$s".formatted(namespace));
    Shell.must("ip link set %s master %s up".formatted(namespace, slot.bridge()));
    Shell.must("ip -n %s address add %s/24 dev eth0".formatted(namespace, address));
    Shell.must("ip -n %s link set lo up".formatted(namespace));
    Shell.must("ip -n %s link set eth0 up".formatted(namespace));
    Shell.must("ip -n %s route add default via %s".formatted(namespace, slot.gateway()));
  }

  /**
   * Nothing is routed out of the lab, and the sender hears so at once instead of running into a
   * timeout: the kernel answers "unreachable" only on an interface that forwards.
   */
  private static void refuseTheRest(String bridge) {
    try {
      Files.writeString(Path.of("/proc/sys/net/ipv4/conf/" + bridge + "/forwarding"), "1");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Shell.must("ip rule add iif %s unreachable".formatted(bridge));
  }
}
