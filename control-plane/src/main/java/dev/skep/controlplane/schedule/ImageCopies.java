package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.WorkerId;
import java.util.Set;

/**
 * Workers that have an image already; of two that are equal in all else, one of them comes first.
 *
 * @param image name@sha256:…
 */
public record ImageCopies(String image, Set<WorkerId> workers) {
  public static final ImageCopies NONE = new ImageCopies("", Set.of());
}
