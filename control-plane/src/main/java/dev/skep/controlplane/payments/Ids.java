package dev.skep.controlplane.payments;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids of ours that came back from elsewhere. */
final class Ids {
  private Ids() {}

  /** Null when it is none. */
  static @Nullable UUID parse(String text) {
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return null; // Somebody else's, in the same account at the provider.
    }
  }
}
