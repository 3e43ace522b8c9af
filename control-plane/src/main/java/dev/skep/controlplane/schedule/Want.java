package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Replicas that need a worker.
 *
 * @param count how many more
 * @param each what one reserves
 * @param hostPorts fixed ports; a worker takes at most one replica with the same port
 * @param labels that the worker must carry
 * @param tolerations taints of the worker that do not matter
 * @param strategy which of the workers that fit comes first
 * @param present replicas of the same service per worker that stay where they are
 */
public record Want(
    int count,
    Resources each,
    List<Integer> hostPorts,
    Map<String, String> labels,
    Set<String> tolerations,
    Strategy strategy,
    Map<WorkerId, Integer> present) {
  /** The same for another count, with more replicas of the service in place. */
  Want more(int newCount, Map<WorkerId, Integer> placed) {
    Map<WorkerId, Integer> all = new HashMap<>(present);
    placed.forEach((worker, n) -> all.merge(worker, n, Integer::sum));
    return new Want(newCount, each, hostPorts, labels, tolerations, strategy, Map.copyOf(all));
  }
}
