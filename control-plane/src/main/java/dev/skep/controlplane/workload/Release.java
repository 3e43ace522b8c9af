package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.ReleaseId;

/**
 * An immutable version of a service.
 *
 * @param number 1, 2, 3 … per service
 * @param imageDigest sha256:…
 */
public record Release(ReleaseId id, int number, String imageDigest, ServiceSpec spec) {
  /** What an engine pulls: name@sha256:… */
  public String image() {
    return ImageReference.parse(spec.image()).orElseThrow().pinned(imageDigest);
  }
}
