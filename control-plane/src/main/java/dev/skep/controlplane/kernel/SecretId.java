package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one secret; a UUIDv7. */
public record SecretId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
