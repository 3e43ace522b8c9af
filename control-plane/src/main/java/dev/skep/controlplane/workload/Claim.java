package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.Resources;
import java.util.List;

/**
 * What a replica takes of its worker.
 *
 * @param hostPorts fixed ports; a worker has each of them once
 */
public record Claim(Resources each, List<Integer> hostPorts) {
  public Claim {
    hostPorts = List.copyOf(hostPorts);
  }
}
