package dev.skep.controlplane.workload;

/**
 * A port that a replica listens on.
 *
 * @param hostPort the fixed port on the worker, 0 when it is internal
 * @param udp UDP instead of TCP
 */
public record Port(int containerPort, int hostPort, boolean udp) {
  public boolean onHost() {
    return hostPort != 0;
  }
}
