package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ObjectState;
import java.util.Map;
import java.util.Optional;

/** Which images workers have, and how far they are with those that they shall have. */
public record Images(Map<ImageWish, Image> known) {
  /**
   * An image on a worker.
   *
   * @param message what the agent says, empty when fine
   */
  public record Image(ObjectState state, String message) {}

  public Images {
    known = Map.copyOf(known);
  }

  boolean ready(WorkerId worker, String image) {
    return get(worker, image).filter(i -> i.state() == ObjectState.APPLIED).isPresent();
  }

  Optional<Image> get(WorkerId worker, String image) {
    return Optional.ofNullable(known.get(new ImageWish(worker, image)));
  }
}
