package dev.skep.controlplane.kernel;

import java.util.UUID;

/** Identifies one account, a person's or a program's; a UUIDv7. */
public record UserId(UUID value) {
  @Override
  public String toString() {
    return value.toString();
  }
}
