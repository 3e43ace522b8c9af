package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one release; a UUIDv7. */
public record ReleaseId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
