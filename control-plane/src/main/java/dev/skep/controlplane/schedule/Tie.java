package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.WorkerId;

/**
 * The one worker where a replica can run, because its volumes are there.
 *
 * @param name of the worker
 */
public record Tie(WorkerId worker, String name) {}
