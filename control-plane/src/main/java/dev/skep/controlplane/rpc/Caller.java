package dev.skep.controlplane.rpc;

import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
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
 * @param session of a person who is signed in; empty for a token
 */
public record Caller(
    UserId user,
    String userName,
    String tokenName,
    OrganizationId organization,
    String organizationName,
    Reach reach,
    Optional<UUID> session) {
  /** What a session is called where tokens have a name. */
  public static final String SESSION = "session";

  /** The account alone, in no organization. */
  public static Caller account(UserId user, String userName, Optional<UUID> session) {
    return new Caller(
        user,
        userName,
        session.isPresent() ? SESSION : "",
        OrganizationId.NONE,
        "",
        Reach.NOWHERE,
        session);
  }

  /** Whether the caller may it on everything that it is about. */
  public boolean may(Permission permission) {
    return permission == Permission.PERMISSION_NONE
        || permission == Permission.PERMISSION_ACCOUNT
        || (permission == Permission.PERMISSION_SELF && !reach.servicesAlone())
        || reach.everywhere().contains(permission);
  }

  /** The services that the caller may it on; empty means all. */
  public Optional<Set<ServiceId>> services(Permission permission) {
    return may(permission) ? Optional.empty() : Optional.of(reach.services(permission));
  }

  /**
   * The one place that decides. What is about one service goes on to {@link #requireOn} when it is
   * known which.
   *
   * @throws Refusal PERMISSION_DENIED
   */
  public void require(Need need) {
    boolean somewhere = need.onServices() && !reach.services(need.permission()).isEmpty();
    if (!may(need.permission()) && !somewhere) {
      throw denied(need);
    }
  }

  /**
   * Decides for one service. It makes no difference whether one that the caller may not is there.
   *
   * @return the service, when it is a permission on it that counts
   * @throws Refusal PERMISSION_DENIED
   */
  public Optional<ServiceId> requireOn(Need need, String service) {
    if (may(need.permission())) {
      return Optional.empty();
    }
    return Optional.of(reach.on(service, need.permission()).orElseThrow(() -> denied(need)));
  }

  /**
   * In all of the organization.
   *
   * @throws Refusal PERMISSION_DENIED
   */
  public void require(Permission permission) {
    require(Need.of(permission));
  }

  private Refusal denied(Need need) {
    return new Refusal(Reason.PERMISSION_DENIED, userName + " " + why(need));
  }

  private String why(Need need) {
    String needs = "needs the permission " + words(need.permission()) + " for this";
    if (reach.servicesAlone()) {
      return needs
          + ", and the token of this call is for "
          + names()
          + " alone; name a service that it is for, or use a token that is not narrowed";
    }
    if (platform(need.permission())) {
      return needs + "; only platform admins have it";
    }
    return needs
        + " in organization "
        + organizationName
        + (need.onServices() ? " or on the service" : "")
        + "; ask one of its admins for a role that has it, or use a token that is not narrowed";
  }

  private String names() {
    return reach.single().isEmpty()
        ? "services that are gone"
        : reach.single().stream().map(Reach.OnService::name).collect(joining(", "));
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
