package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.workload.ServiceSpec;
import java.util.List;
import java.util.Optional;

/**
 * What a replica needs of its worker. Services with equal requirements share one index of the
 * workers that they fit on.
 *
 * @param each what one replica reserves
 * @param hostPorts fixed ports; a worker takes at most one replica with the same port
 */
public record Requirement(Terms terms, Resources each, List<Integer> hostPorts) {
  public static Requirement of(ServiceSpec spec) {
    return of(spec, Optional.empty());
  }

  /** {@code tie}: where its volumes are, if they are anywhere. */
  public static Requirement of(ServiceSpec spec, Optional<Tie> tie) {
    return new Requirement(
        new Terms(spec.workerLabels(), spec.constraints(), spec.tolerations(), tie),
        spec.resources(),
        spec.hostPorts());
  }
}
