package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one worker; a UUIDv7. */
public record WorkerId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
