package dev.skep.controlplane.tenancy;

import static dev.skep.v1.Permission.PERMISSION_LOGS_READ;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_OPERATE;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_READ;
import static dev.skep.v1.Permission.PERMISSION_SERVICES_WRITE;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.rpc.Reach;
import dev.skep.controlplane.rpc.Reach.OnService;
import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** What an account is in an organization, and what its token leaves of that. */
record Holding(
    OrganizationId organization, UserId user, Role role, boolean platform, Narrowing narrowing) {
  private static final Set<Permission> OF_SERVICES =
      Set.of(
          PERMISSION_SERVICES_READ,
          PERMISSION_SERVICES_WRITE,
          PERMISSION_SERVICES_OPERATE,
          PERMISSION_LOGS_READ);

  private static final String GRANTS =
      """
      select s.id, s.name, g.role
      from service_grants g
      join container_services s on s.organization_id = g.organization_id and s.id = g.service_id
      where g.organization_id = :organization and g.user_id = :user
      """;
  private static final String NAMED =
      """
      select s.id, s.name, g.role
      from container_services s
      left join service_grants g
        on g.organization_id = s.organization_id and g.service_id = s.id and g.user_id = :user
      where s.organization_id = :organization and s.id = any(:services)
      order by s.name
      """;

  /**
   * What a token is narrowed to.
   *
   * @param permissions empty for all
   * @param services empty for no service in particular
   */
  record Narrowing(Set<Permission> permissions, Set<UUID> services) {
    static final Narrowing NONE = new Narrowing(Set.of(), Set.of());

    Narrowing {
      permissions = Set.copyOf(permissions);
      services = Set.copyOf(services);
    }

    private boolean narrows() {
      return !permissions.isEmpty() || !services.isEmpty();
    }

    private Set<Permission> left(Collection<Permission> of) {
      EnumSet<Permission> left = EnumSet.noneOf(Permission.class);
      left.addAll(of);
      if (!permissions.isEmpty()) {
        left.retainAll(permissions);
      }
      return left;
    }
  }

  /** What it comes to for a call; grants are only read when they can make a difference. */
  Reach reach(Handle handle, Need need) {
    Set<Permission> everywhere = narrowing.left(ofRole());
    if (!narrowing.services.isEmpty()) {
      Query named =
          handle.createQuery(NAMED).bind("services", narrowing.services.toArray(UUID[]::new));
      return new Reach(Set.of(), single(named, everywhere), true, true);
    }
    boolean enough = everywhere.contains(need.permission()) || !need.onServices();
    return new Reach(
        everywhere,
        enough ? List.of() : single(handle.createQuery(GRANTS), everywhere),
        narrowing.narrows(),
        false);
  }

  private List<OnService> single(Query query, Set<Permission> everywhere) {
    return query
        .bind("organization", organization.value())
        .bind("user", user.value())
        .map((row, c) -> onService(row, everywhere))
        .list();
  }

  private OnService onService(ResultSet row, Set<Permission> everywhere) throws SQLException {
    Set<Permission> permissions = narrowing.left(Roles.permissions(granted(row.getString("role"))));
    permissions.addAll(everywhere);
    permissions.retainAll(OF_SERVICES);
    return new OnService(
        new ServiceId(row.getObject("id", UUID.class)), row.getString("name"), permissions);
  }

  private static Role granted(@Nullable String role) {
    return role == null ? Role.ROLE_UNSPECIFIED : Role.valueOf("ROLE_" + role);
  }

  private Set<Permission> ofRole() {
    EnumSet<Permission> permissions = EnumSet.noneOf(Permission.class);
    permissions.addAll(Roles.permissions(role));
    if (platform) {
      permissions.addAll(Roles.PLATFORM);
    }
    return permissions;
  }
}
