package dev.skep.testbed;

import java.nio.file.Path;

/** A lab's number on this machine, and every name and address that follows from it. */
record Slot(int index) {

  static final Path ROOT = Path.of("/var/lib/skep-lab");
  static final int MAX_INDEX = 255;
  static final String REGISTRY = "reg";

  Path directory() {
    return ROOT.resolve(Integer.toString(index));
  }

  Path directory(String host) {
    return directory().resolve(host);
  }

  String bridge() {
    return "skl" + index;
  }

  /** The name of a host's network namespace and of the bridge's end of its cable. */
  String namespace(String host) {
    return namespacePrefix() + host;
  }

  String namespacePrefix() {
    return bridge() + "-";
  }

  String cgroup(String host) {
    return cgroupPrefix() + host;
  }

  String cgroupPrefix() {
    return "skep-lab" + index + "-";
  }

  String subnet() {
    return address(0) + "/24";
  }

  String hostAddress(int number) {
    return address(number);
  }

  String registryAddress() {
    return address(200);
  }

  String gateway() {
    return address(254);
  }

  private String address(int last) {
    return "10.77.%d.%d".formatted(index, last);
  }
}
