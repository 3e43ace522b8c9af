package dev.skep.controlplane.reconcile;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.ImageCopies;
import dev.skep.controlplane.workload.ObjectState;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which images workers have, and how far they are with those that they shall have. */
public final class Images {
  private final Map<ImageWish, Image> known;

  /** Workers that have an image, by image. */
  private final Map<String, Set<WorkerId>> ready;

  public Images(Map<ImageWish, Image> known) {
    this.known = Map.copyOf(known);
    this.ready =
        known.entrySet().stream()
            .filter(e -> e.getValue().state() == ObjectState.APPLIED)
            .map(Map.Entry::getKey)
            .collect(groupingBy(ImageWish::image, mapping(ImageWish::worker, toUnmodifiableSet())));
  }

  /**
   * An image on a worker.
   *
   * @param message what the agent says, empty when fine
   */
  public record Image(ObjectState state, String message) {}

  public Optional<Image> get(WorkerId worker, String image) {
    return Optional.ofNullable(known.get(new ImageWish(worker, image)));
  }

  boolean ready(WorkerId worker, String image) {
    return copies(image).workers().contains(worker);
  }

  ImageCopies copies(String image) {
    return new ImageCopies(image, ready.getOrDefault(image, Set.of()));
  }
}
