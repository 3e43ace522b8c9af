package dev.skep.controlplane.access;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.tenancy.AccountNames;
import dev.skep.controlplane.tenancy.Organizations;
import dev.skep.v1.Member;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Who belongs to an organization, and with which role. */
final class MemberStore {
  private static final String MEMBERS =
      """
      select u.id, u.name, u.home_organization_id is not null as service_account,
             u.disabled_at is not null as disabled, m.role, m.created_at
      from memberships m join users u on u.id = m.user_id
      where m.organization_id = :organization
      """;
  private static final String ADMINS =
      """
      select exists (select 1 from memberships m join users u on u.id = m.user_id
                     where m.organization_id = :organization and m.role = 'ADMIN'
                       and u.home_organization_id is null and u.disabled_at is null)
      """;

  private final Database database;
  private final Supplier<UUID> ids;

  MemberStore(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  /** Somebody with a role. */
  record MemberRecord(
      UserId user,
      String name,
      boolean serviceAccount,
      boolean disabled,
      Role role,
      Instant createdAt) {
    static MemberRecord of(ResultSet row) throws SQLException {
      return new MemberRecord(
          new UserId(row.getObject("id", UUID.class)),
          row.getString("name"),
          row.getBoolean("service_account"),
          row.getBoolean("disabled"),
          Role.valueOf("ROLE_" + row.getString("role")),
          row.getTimestamp("created_at").toInstant());
    }
  }

  List<MemberRecord> list(OrganizationId organization, String after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(MEMBERS + " and u.name > :after order by u.name limit :limit")
                .bind("organization", organization.value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> MemberRecord.of(row))
                .list());
  }

  /** Adds a person, or changes the role of whoever is a member. */
  MemberRecord set(OrganizationId organization, String user, Role role) {
    checkRole(role);
    return database.inTransaction(
        handle -> {
          hold(handle, organization);
          Optional<MemberRecord> before = find(handle, organization, user);
          before.ifPresent(
              member -> AuditTrail.before(Member.newBuilder().setRole(member.role()).build()));
          UserId id =
              before
                  .map(MemberRecord::user)
                  .orElseGet(() -> UserStore.person(handle, user, "user"));
          Organizations.join(handle, organization, id, role);
          requireAdmin(handle, organization);
          return find(handle, organization, id.toString()).orElseThrow();
        });
  }

  void remove(OrganizationId organization, String user) {
    database.useTransaction(
        handle -> {
          hold(handle, organization);
          MemberRecord member =
              find(handle, organization, user).orElseThrow(() -> UserStore.notFound(user));
          AuditTrail.before(Member.newBuilder().setRole(member.role()).build());
          handle.execute(
              "delete from memberships where organization_id = ? and user_id = ?",
              organization.value(),
              member.user().value());
          if (member.serviceAccount()) {
            handle.execute(
                "delete from users where id = ? and home_organization_id = ?",
                member.user().value(),
                organization.value());
          }
          requireAdmin(handle, organization);
        });
  }

  MemberRecord createServiceAccount(OrganizationId organization, String name, Role role) {
    checkRole(role);
    return AccountNames.unique(
        name,
        () ->
            database.inTransaction(
                handle -> {
                  if (find(handle, organization, AccountNames.checked(name)).isPresent()) {
                    throw Refusal.ofField(
                        Reason.NAME_TAKEN,
                        "name",
                        "\"" + name + "\" is a member already; choose another name");
                  }
                  UserId id = new UserId(ids.get());
                  handle.execute(
                      "insert into users (id, name, home_organization_id) values (?, ?, ?)",
                      id.value(),
                      name,
                      organization.value());
                  Organizations.join(handle, organization, id, role);
                  return find(handle, organization, id.toString()).orElseThrow();
                }));
  }

  /** The member of that id or name. */
  static Optional<MemberRecord> find(Handle handle, OrganizationId organization, String user) {
    return handle
        .createQuery(MEMBERS + " and (u.id::text = :key or u.name = :key) order by u.id")
        .bind("organization", organization.value())
        .bind("key", user)
        .map((row, c) -> MemberRecord.of(row))
        .findFirst();
  }

  /** Changes of members of one organization come one after the other. */
  private static void hold(Handle handle, OrganizationId organization) {
    handle
        .createQuery("select 1 from organizations where id = :id for no key update")
        .bind("id", organization.value())
        .mapTo(Integer.class)
        .one();
  }

  private static void requireAdmin(Handle handle, OrganizationId organization) {
    boolean one =
        handle
            .createQuery(ADMINS)
            .bind("organization", organization.value())
            .mapTo(Boolean.class)
            .one();
    if (!one) {
      throw new Refusal(
          Reason.LAST_ADMIN,
          "the organization would have no admin any more; give somebody else the role admin first");
    }
  }

  /** Refuses what is no role. */
  static void checkRole(Role role) {
    if (role == Role.ROLE_UNSPECIFIED || role == Role.UNRECOGNIZED) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD,
          "role",
          "is missing; use ROLE_VIEWER, ROLE_DEPLOYER, ROLE_OPERATOR, ROLE_ADMIN, ROLE_BILLING or ROLE_MEMBER");
    }
  }
}
