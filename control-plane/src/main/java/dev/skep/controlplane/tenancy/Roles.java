package dev.skep.controlplane.tenancy;

import static dev.skep.v1.Permission.PERMISSION_AUDIT_READ;
import static dev.skep.v1.Permission.PERMISSION_BILLING_READ;
import static dev.skep.v1.Permission.PERMISSION_BILLING_WRITE;
import static dev.skep.v1.Permission.PERMISSION_LOGS_READ;
import static dev.skep.v1.Permission.PERMISSION_MEMBERS_READ;
import static dev.skep.v1.Permission.PERMISSION_MEMBERS_WRITE;
import static dev.skep.v1.Permission.PERMISSION_NOTIFICATIONS_READ;
import static dev.skep.v1.Permission.PERMISSION_PLATFORM_READ;
import static dev.skep.v1.Permission.PERMISSION_PLATFORM_WRITE;
import static dev.skep.v1.Permission.PERMISSION_SECRETS_READ;
import static dev.skep.v1.Permission.PERMISSION_SECRETS_WRITE;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_OPERATE;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_READ;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_WRITE;
import static dev.skep.v1.Permission.PERMISSION_TEMPLATES_READ;
import static dev.skep.v1.Permission.PERMISSION_TEMPLATES_WRITE;
import static dev.skep.v1.Permission.PERMISSION_TOKENS_WRITE;

import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import java.util.EnumSet;
import java.util.Set;

/** What each role may do in its organization, and what runs the platform. */
public final class Roles {
  /** Of platform admins, in every organization. */
  static final Set<Permission> PLATFORM =
      Set.of(PERMISSION_PLATFORM_READ, PERMISSION_PLATFORM_WRITE);

  private static final Set<Permission> BILLING =
      Set.of(
          PERMISSION_NOTIFICATIONS_READ,
          PERMISSION_MEMBERS_READ,
          PERMISSION_BILLING_READ,
          PERMISSION_BILLING_WRITE);
  private static final Set<Permission> VIEWER =
      Set.of(
          PERMISSION_NOTIFICATIONS_READ,
          PERMISSION_MEMBERS_READ,
          PERMISSION_SERVICES_READ,
          PERMISSION_LOGS_READ,
          PERMISSION_SECRETS_READ,
          PERMISSION_TEMPLATES_READ);
  private static final Set<Permission> OPERATOR = and(VIEWER, PERMISSION_SERVICES_OPERATE);
  private static final Set<Permission> DEPLOYER =
      and(
          OPERATOR,
          PERMISSION_SERVICES_WRITE,
          PERMISSION_SECRETS_WRITE,
          PERMISSION_TEMPLATES_WRITE);
  private static final Set<Permission> ADMIN =
      and(
          DEPLOYER,
          PERMISSION_MEMBERS_WRITE,
          PERMISSION_TOKENS_WRITE,
          PERMISSION_AUDIT_READ,
          PERMISSION_BILLING_READ,
          PERMISSION_BILLING_WRITE);

  private Roles() {}

  /** What the role may do; nothing for one that does not exist. */
  public static Set<Permission> permissions(Role role) {
    return switch (role) {
      case ROLE_VIEWER -> VIEWER;
      case ROLE_DEPLOYER -> DEPLOYER;
      case ROLE_OPERATOR -> OPERATOR;
      case ROLE_ADMIN -> ADMIN;
      case ROLE_BILLING -> BILLING;
      // Of a member is what grants on single services say.
      case ROLE_MEMBER, ROLE_UNSPECIFIED, UNRECOGNIZED -> Set.of();
    };
  }

  private static Set<Permission> and(Set<Permission> base, Permission... more) {
    EnumSet<Permission> all = EnumSet.copyOf(base);
    all.addAll(Set.of(more));
    return Set.copyOf(all);
  }
}
