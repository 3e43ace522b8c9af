package dev.skep.controlplane.dispatch;

import dev.skep.controlplane.kernel.Base36;
import java.util.UUID;

/** Names of Swarm objects: at most 63 characters, made of the id, so that nothing can collide. */
public final class ObjectNames {
  private static final int MAX_SLUG = 30;

  private ObjectNames() {}

  static String network(UUID id) {
    return "skep-" + Base36.of(id);
  }

  public static String volume(UUID id) {
    return "skep-" + Base36.of(id);
  }

  /** The slug is for people who look at the Swarm; the id makes the name unique. */
  static String placement(String serviceName, UUID placementId) {
    String slug = serviceName.substring(0, Math.min(MAX_SLUG, serviceName.length()));
    return "skep-" + slug + "-" + Base36.of(placementId);
  }
}
