package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one organization; a UUIDv7. */
public record OrganizationId(UUID value) {
  /** Of calls that are about an account or the platform, in no organization. */
  public static final OrganizationId NONE = new OrganizationId(new UUID(0, 0));

  @Override
  public String toString() {
    return value.toString();
  }
}
