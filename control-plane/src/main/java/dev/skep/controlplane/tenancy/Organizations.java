package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The rows of organizations and memberships. */
public final class Organizations {
  private static final String JOIN =
      """
      insert into memberships (organization_id, user_id, role) values (:organization, :user, :role)
      on conflict (organization_id, user_id) do update set role = excluded.role
      """;

  private static final String MEMBERSHIPS =
      """
      select o.id, o.name, m.role from memberships m join organizations o on o.id = m.organization_id
      where m.user_id = :user order by o.name
      """;

  private Organizations() {}

  /** An organization and its name. */
  public record Named(OrganizationId id, String name) {}

  /** An organization that an account belongs to, with its role there. */
  public record Membership(OrganizationId id, String name, Role role) {}

  /** Where the account belongs, by name. */
  public static List<Membership> of(Handle handle, UserId user) {
    return handle
        .createQuery(MEMBERSHIPS)
        .bind("user", user.value())
        .map((row, c) -> membership(row))
        .list();
  }

  static Membership membership(ResultSet row) throws SQLException {
    return new Membership(
        new OrganizationId(row.getObject("id", UUID.class)),
        row.getString("name"),
        Role.valueOf("ROLE_" + row.getString("role")));
  }

  public static Optional<Named> find(Handle handle, String idOrName) {
    return handle
        .createQuery("select id, name from organizations where id::text = :key or name = :key")
        .bind("key", idOrName)
        .map(
            (row, c) ->
                new Named(
                    new OrganizationId(row.getObject("id", UUID.class)), row.getString("name")))
        .findFirst();
  }

  /** The same whether it does not exist or belongs to others. */
  public static Refusal notFound(String idOrName) {
    return new Refusal(
        Reason.ORGANIZATION_NOT_FOUND,
        "there is no organization \"" + idOrName + "\" for this token");
  }

  public static void insert(Handle handle, OrganizationId id, String name) {
    handle.execute("insert into organizations (id, name) values (?, ?)", id.value(), name);
  }

  /** Makes the account a member, or changes its role. */
  public static void join(Handle handle, OrganizationId organization, UserId user, Role role) {
    handle
        .createUpdate(JOIN)
        .bind("organization", organization.value())
        .bind("user", user.value())
        .bind("role", role.name().replaceFirst("^ROLE_", ""))
        .execute();
  }
}
