package dev.skep.controlplane.rpc;

import dev.skep.v1.About;
import dev.skep.v1.Permission;

/**
 * What a call needs.
 *
 * @param about unspecified where the permission is none of services
 */
public record Need(Permission permission, About about) {
  public static Need of(Permission permission) {
    return new Need(permission, About.ABOUT_UNSPECIFIED);
  }

  /** Whether having the permission on single services is worth something. */
  public boolean onServices() {
    return about == About.ABOUT_SERVICE || about == About.ABOUT_SERVICES;
  }
}
