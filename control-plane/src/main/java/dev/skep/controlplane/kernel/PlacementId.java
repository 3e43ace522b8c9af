package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one placement; a UUIDv7. */
public record PlacementId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
