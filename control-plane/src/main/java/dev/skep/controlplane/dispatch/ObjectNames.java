package dev.skep.controlplane.dispatch;

import dev.skep.controlplane.kernel.Base36;
import java.util.Locale;
import java.util.UUID;

/** Names of Swarm objects: at most 63 characters, made of the id, so that nothing can collide. */
public final class ObjectNames {
  private static final int MAX_SLUG = 30;

  /** A Swarm secret has at most 64 characters. */
  private static final int MAX_SECRET_SLUG = 20;

  private ObjectNames() {}

  static String network(UUID id) {
    return "skep-" + Base36.of(id);
  }

  public static String volume(UUID id) {
    return "skep-" + Base36.of(id);
  }

  /** Of one version: what is in a Swarm secret never changes. */
  static String secret(String name, UUID id, int number) {
    String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String cut = slug.substring(0, Math.min(MAX_SECRET_SLUG, slug.length()));
    return "skep-" + cut + "-" + Base36.of(id) + "-v" + number;
  }

  /** The slug is for people who look at the Swarm; the id makes the name unique. */
  static String placement(String serviceName, UUID placementId) {
    String slug = serviceName.substring(0, Math.min(MAX_SLUG, serviceName.length()));
    return "skep-" + slug + "-" + Base36.of(placementId);
  }
}
