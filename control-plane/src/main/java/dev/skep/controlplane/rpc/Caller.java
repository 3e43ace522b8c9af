package dev.skep.controlplane.rpc;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.v1.Permission;
import java.util.Locale;
import java.util.Set;

/**
 * Who makes a call, which organization it is about, and what they may do there.
 *
 * @param tokenName the name that the token was given
 * @param narrowed whether the token may do less than its account
 */
public record Caller(
    UserId user,
    String userName,
    String tokenName,
    OrganizationId organization,
    String organizationName,
    Set<Permission> permissions,
    boolean narrowed) {

  public Caller {
    permissions = Set.copyOf(permissions);
  }

  public boolean may(Permission permission) {
    return permission == Permission.PERMISSION_NONE
        || permission == Permission.PERMISSION_SELF
        || permissions.contains(permission);
  }

  /**
   * The one place that decides.
   *
   * @throws Refusal PERMISSION_DENIED
   */
  public void require(Permission permission) {
    if (!may(permission)) {
      throw new Refusal(
          Reason.PERMISSION_DENIED,
          userName
              + " needs the permission "
              + words(permission)
              + " for this"
              + (platform(permission)
                  ? "; only platform admins have it"
                  : " in organization "
                      + organizationName
                      + "; ask one of its admins for a role that has it, or use a token that is not"
                      + " narrowed"));
    }
  }

  /** As people write it, for example {@code services-write}. */
  public static String words(Permission permission) {
    return permission
        .name()
        .replaceFirst("^PERMISSION_", "")
        .toLowerCase(Locale.ROOT)
        .replace('_', '-');
  }

  /** Whether a call with this permission is about one organization and nothing else. */
  public static boolean ofOneOrganization(Permission needed) {
    return !platform(needed)
        && needed != Permission.PERMISSION_SELF
        && needed != Permission.PERMISSION_NONE;
  }

  private static boolean platform(Permission permission) {
    return permission == Permission.PERMISSION_PLATFORM_READ
        || permission == Permission.PERMISSION_PLATFORM_WRITE;
  }
}
