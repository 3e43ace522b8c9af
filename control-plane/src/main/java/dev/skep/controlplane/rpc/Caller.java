package dev.skep.controlplane.rpc;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.v1.Permission;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Who makes a call, which organization it is about, and what they may do there.
 *
 * @param tokenName the name that the token was given
 * @param organization {@link OrganizationId#NONE} when the call is about an account or the platform
 * @param narrowed whether the token may do less than its account
 * @param session of a person who is signed in; empty for a token
 */
public record Caller(
    UserId user,
    String userName,
    String tokenName,
    OrganizationId organization,
    String organizationName,
    Set<Permission> permissions,
    boolean narrowed,
    Optional<UUID> session) {
  /** What a session is called where tokens have a name. */
  public static final String SESSION = "session";

  public Caller {
    permissions = Set.copyOf(permissions);
  }

  /** The owner of a token. */
  public Caller(
      UserId user,
      String userName,
      String tokenName,
      OrganizationId organization,
      String organizationName,
      Set<Permission> permissions,
      boolean narrowed) {
    this(
        user,
        userName,
        tokenName,
        organization,
        organizationName,
        permissions,
        narrowed,
        Optional.empty());
  }

  /** The account alone, in no organization. */
  public static Caller account(UserId user, String userName, Optional<UUID> session) {
    return new Caller(
        user,
        userName,
        session.isPresent() ? SESSION : "",
        OrganizationId.NONE,
        "",
        Set.of(),
        false,
        session);
  }

  public boolean may(Permission permission) {
    return permission == Permission.PERMISSION_NONE
        || permission == Permission.PERMISSION_SELF
        || permission == Permission.PERMISSION_ACCOUNT
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

  /**
   * The session of the call: what tokens must not do.
   *
   * @throws Refusal SESSION_REQUIRED
   */
  public UUID requireSession() {
    return session.orElseThrow(
        () ->
            new Refusal(
                Reason.SESSION_REQUIRED,
                "this is for people who are signed in, not for tokens; see: skep login"));
  }

  /** Whether a call is about an organization that the caller has to choose. */
  public static boolean inOrganization(Permission needed) {
    return needed != Permission.PERMISSION_ACCOUNT && !platform(needed);
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
        && needed != Permission.PERMISSION_ACCOUNT
        && needed != Permission.PERMISSION_NONE;
  }

  private static boolean platform(Permission permission) {
    return permission == Permission.PERMISSION_PLATFORM_READ
        || permission == Permission.PERMISSION_PLATFORM_WRITE;
  }
}
