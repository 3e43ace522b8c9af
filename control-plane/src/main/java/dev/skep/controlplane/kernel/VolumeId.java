package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one volume; a UUIDv7. */
public record VolumeId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
