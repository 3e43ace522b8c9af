package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.List;

/**
 * Replicas that have a worker and shall become something else.
 *
 * @param each what one of them reserves now
 * @param hostPorts that they hold now
 * @param reserved how many there are
 * @param kept how many of them shall go on
 */
public record Held(
    WorkerId worker, Resources each, List<Integer> hostPorts, int reserved, int kept) {}
