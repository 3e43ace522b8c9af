package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;

/**
 * An image that a worker shall have.
 *
 * @param image name@sha256:…
 */
public record ImageWish(WorkerId worker, String image) {}
