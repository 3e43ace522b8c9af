package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.HashMap;
import java.util.Map;

/**
 * Replicas that need a worker.
 *
 * @param count how many more
 * @param strategy which of the workers that fit comes first
 * @param maxPerWorker replicas of the service that one worker may have; 0 for any number
 * @param copies workers that have the image
 * @param present replicas of the same service per worker that stay where they are
 */
public record Want(
    int count,
    Requirement requirement,
    Strategy strategy,
    int maxPerWorker,
    ImageCopies copies,
    Map<WorkerId, Integer> present) {
  /** The same for another count, with more replicas of the service in place. */
  Want more(int newCount, Map<WorkerId, Integer> placed) {
    Map<WorkerId, Integer> all = new HashMap<>(present);
    placed.forEach((worker, n) -> all.merge(worker, n, Integer::sum));
    return new Want(newCount, requirement, strategy, maxPerWorker, copies, Map.copyOf(all));
  }

  /** Replicas of the service that a worker may have. */
  int limit() {
    return maxPerWorker > 0 ? maxPerWorker : Integer.MAX_VALUE;
  }
}
