package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one cluster; a UUIDv7. */
public record ClusterId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
