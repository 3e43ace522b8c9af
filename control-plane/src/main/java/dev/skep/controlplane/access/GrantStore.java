package dev.skep.controlplane.access;

import dev.skep.controlplane.access.MemberStore.MemberRecord;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.v1.Grant;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What members may do on single services. */
final class GrantStore {
  /** Of one member: all are read when a call may depend on them. */
  private static final int MOST = 200;

  private static final Set<Role> ROLES =
      Set.of(Role.ROLE_VIEWER, Role.ROLE_OPERATOR, Role.ROLE_DEPLOYER);

  private static final String GRANTS =
      """
      select g.*, s.name as service_name, u.name as user_name
      from service_grants g
      join container_services s on s.organization_id = g.organization_id and s.id = g.service_id
      join users u on u.id = g.user_id
      where g.organization_id = :organization and g.service_id = :service
      """;
  private static final String SET =
      """
      insert into service_grants (organization_id, service_id, user_id, role)
      values (:organization, :service, :user, :role)
      on conflict (organization_id, service_id, user_id) do update set role = excluded.role
      """;

  private final Database database;

  GrantStore(Database database) {
    this.database = database;
  }

  /** A role of a member on a service. */
  record GrantRecord(
      ServiceId service,
      String serviceName,
      UserId user,
      String userName,
      Role role,
      Instant createdAt) {
    static GrantRecord of(ResultSet row) throws SQLException {
      return new GrantRecord(
          new ServiceId(row.getObject("service_id", UUID.class)),
          row.getString("service_name"),
          new UserId(row.getObject("user_id", UUID.class)),
          row.getString("user_name"),
          Role.valueOf("ROLE_" + row.getString("role")),
          row.getTimestamp("created_at").toInstant());
    }
  }

  List<GrantRecord> list(OrganizationId organization, String service, String after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(GRANTS + " and u.name > :after order by u.name limit :limit")
                .bind("organization", organization.value())
                .bind("service", ServiceNames.id(handle, organization, service).value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> GrantRecord.of(row))
                .list());
  }

  /** Gives a role on a service, instead of the one that the member has there. */
  GrantRecord set(OrganizationId organization, String service, String user, Role role) {
    if (!ROLES.contains(role)) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "role",
          "on one service it is ROLE_VIEWER, ROLE_OPERATOR or ROLE_DEPLOYER");
    }
    return database.inTransaction(
        handle -> {
          ServiceId id = ServiceNames.id(handle, organization, service);
          UserId member = member(handle, organization, user).user();
          Optional<GrantRecord> before = find(handle, organization, id, member);
          before.ifPresent(GrantStore::writeDown);
          if (before.isEmpty()) {
            checkRoom(handle, organization, member);
          }
          handle
              .createUpdate(SET)
              .bind("organization", organization.value())
              .bind("service", id.value())
              .bind("user", member.value())
              .bind("role", role.name().replaceFirst("^ROLE_", ""))
              .execute();
          return find(handle, organization, id, member).orElseThrow();
        });
  }

  void remove(OrganizationId organization, String service, String user) {
    database.useTransaction(
        handle -> {
          ServiceId id = ServiceNames.id(handle, organization, service);
          UserId member = member(handle, organization, user).user();
          GrantRecord grant =
              find(handle, organization, id, member).orElseThrow(() -> notFound(user, service));
          writeDown(grant);
          handle.execute(
              "delete from service_grants where organization_id = ? and service_id = ? and user_id = ?",
              organization.value(),
              id.value(),
              member.value());
        });
  }

  private static Optional<GrantRecord> find(
      Handle handle, OrganizationId organization, ServiceId service, UserId user) {
    return handle
        .createQuery(GRANTS + " and g.user_id = :user")
        .bind("organization", organization.value())
        .bind("service", service.value())
        .bind("user", user.value())
        .map((row, c) -> GrantRecord.of(row))
        .findOne();
  }

  /** Grants of one member come one after the other. */
  private static void checkRoom(Handle handle, OrganizationId organization, UserId user) {
    handle.execute(
        "select 1 from memberships where organization_id = ? and user_id = ? for no key update",
        organization.value(),
        user.value());
    int grants =
        handle
            .createQuery(
                "select count(*) from service_grants where organization_id = :organization and user_id = :user")
            .bind("organization", organization.value())
            .bind("user", user.value())
            .mapTo(Integer.class)
            .one();
    if (grants >= MOST) {
      throw new Refusal(
          Reason.TOO_MANY_GRANTS,
          "the member has grants on "
              + MOST
              + " services already; take some away, or give a role in the organization");
    }
  }

  private static MemberRecord member(Handle handle, OrganizationId organization, String user) {
    return MemberStore.find(handle, organization, user)
        .orElseThrow(
            () ->
                Refusal.ofField(
                    Reason.USER_NOT_FOUND,
                    "user",
                    "there is no member \""
                        + user
                        + "\"; make them one first: skep members set NAME --role member"));
  }

  private static Refusal notFound(String user, String service) {
    return new Refusal(
        Reason.GRANT_NOT_FOUND, user + " has no grant on the service \"" + service + "\"");
  }

  private static void writeDown(GrantRecord before) {
    AuditTrail.before(Grant.newBuilder().setRole(before.role()).build());
  }
}
