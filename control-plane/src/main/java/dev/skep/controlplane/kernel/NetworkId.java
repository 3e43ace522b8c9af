package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one network; a UUIDv7. */
public record NetworkId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
