package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one deployment; a UUIDv7. */
public record DeploymentId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
