package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.List;
import java.util.Map;

/**
 * Replicas that need a worker.
 *
 * @param count how many more
 * @param each what one reserves
 * @param hostPorts fixed ports; a worker takes at most one replica with the same port
 * @param labels that the worker must carry
 * @param present replicas of the same service per worker that stay where they are
 */
public record Want(
    int count,
    Resources each,
    List<Integer> hostPorts,
    Map<String, String> labels,
    Map<WorkerId, Integer> present) {}
