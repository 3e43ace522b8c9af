package dev.skep.agent.task;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Registries ban those who ask again and again for what they may not have. So of all the images
 * that a registry has refused, one is asked for a minute. An image that was never refused does not
 * wait for those that were: they may be another organization's.
 */
public final class RegistryTurns {
  static final Duration PAUSE = Duration.ofMinutes(1);

  private final Map<String, String> refusals = new HashMap<>();
  private final Map<String, Long> nextTurns = new HashMap<>();

  /**
   * Takes a turn.
   *
   * @param now by the monotonic clock
   * @return the refusal that still stands, when it is not this image's turn
   */
  public synchronized Optional<String> take(String image, long now) {
    var refusal = Optional.ofNullable(refusals.get(image));
    if (refusal.isEmpty()) {
      return refusal;
    }
    Long next = nextTurns.get(ImageName.registry(image));
    if (next != null && next - now > 0) {
      return refusal;
    }
    nextTurns.put(ImageName.registry(image), now + PAUSE.toNanos());
    return Optional.empty();
  }

  /** The registry does not let us have it. */
  public synchronized void refused(String image, String message, long now) {
    refusals.put(image, message);
    nextTurns.put(ImageName.registry(image), now + PAUSE.toNanos());
  }

  /** It came, or nobody wants it any more. */
  public synchronized void forget(String image) {
    refusals.remove(image);
  }
}
