package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one organization; a UUIDv7. */
public record OrganizationId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
