package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.ReleaseId;

/**
 * An immutable version of a service.
 *
 * @param number 1, 2, 3 … per service
 * @param imageDigest sha256:…
 */
public record Release(ReleaseId id, int number, String imageDigest, ServiceSpec spec) {}
