package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one service; a UUIDv7. */
public record ServiceId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
