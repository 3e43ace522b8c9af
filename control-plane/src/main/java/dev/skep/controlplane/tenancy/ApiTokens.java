package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.Secrets;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.rpc.Reach;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.v1.Permission;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Who a token belongs to, and what it may do. Only hashes of tokens are stored. */
public final class ApiTokens {
  private static final String FIND =
      """
      select t.secret_hash, t.name, t.permissions, t.service_ids, m.role, u.id as user_id, u.name as user_name, u.platform_admin,
             o.id as organization_id, o.name as organization_name,
             coalesce(t.last_used_at < now() - interval '1 minute', true) as seen_long_ago
      from api_tokens t
      join memberships m on m.organization_id = t.organization_id and m.user_id = t.user_id
      join users u on u.id = t.user_id
      join organizations o on o.id = t.organization_id
      where t.id = :id and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
        and u.disabled_at is null
      """;
  private static final String SEEN =
      """
      update api_tokens set last_used_at = now()
      where id = :id and coalesce(last_used_at < now() - interval '1 minute', true)
      """;

  private final Database database;

  public ApiTokens(Database database) {
    this.database = database;
  }

  /**
   * The caller behind a token.
   *
   * @param organization id or name of another organization
   * @throws Refusal TOKEN_REFUSED when it is not a valid token, ORGANIZATION_NOT_FOUND when it is
   *     for another organization
   */
  Caller authenticate(Bearer token, Optional<String> organization, Need need) {
    return database.read(
        handle -> {
          Found found =
              handle
                  .createQuery(FIND)
                  .bind("id", token.id())
                  .map((row, c) -> Found.of(row))
                  .findOne()
                  .filter(f -> token.matches(f.hash))
                  .orElseThrow(Callers::refused);
          if (found.seenLongAgo) {
            handle.createUpdate(SEEN).bind("id", token.id()).execute();
          }
          Membership in =
              organization.map(other -> elsewhere(handle, found, other)).orElse(found.membership);
          return found.caller(in, found.holding(in).reach(handle, need));
        });
  }

  /** Platform admins act in every organization, others in the one that the token is for. */
  private static Membership elsewhere(Handle handle, Found found, String organization) {
    Membership own = found.membership;
    if (organization.equals(own.name()) || organization.equals(own.id().toString())) {
      return own;
    }
    return Organizations.find(handle, organization)
        .filter(o -> found.platform)
        .map(o -> new Membership(o.id(), o.name(), Role.ROLE_ADMIN))
        .orElseThrow(() -> Organizations.notFound(organization));
  }

  private record Found(
      byte[] hash,
      UserId user,
      String userName,
      String tokenName,
      Membership membership,
      boolean platform,
      Holding.Narrowing narrowing,
      boolean seenLongAgo) {
    static Found of(ResultSet row) throws SQLException {
      return new Found(
          row.getBytes("secret_hash"),
          new UserId(row.getObject("user_id", UUID.class)),
          row.getString("user_name"),
          row.getString("name"),
          new Membership(
              new OrganizationId(row.getObject("organization_id", UUID.class)),
              row.getString("organization_name"),
              Role.valueOf("ROLE_" + row.getString("role"))),
          row.getBoolean("platform_admin"),
          new Holding.Narrowing(permissions(row), services(row)),
          row.getBoolean("seen_long_ago"));
    }

    Holding holding(Membership in) {
      return new Holding(in.id(), user, in.role(), platform, narrowing);
    }

    Caller caller(Membership in, Reach reach) {
      return new Caller(user, userName, tokenName, in.id(), in.name(), reach, Optional.empty());
    }
  }

  /** What the token of a row is narrowed to. */
  public static Set<Permission> permissions(ResultSet row) throws SQLException {
    return Arrays.stream((String[]) row.getArray("permissions").getArray())
        .map(Permission::valueOf)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static Set<UUID> services(ResultSet row) throws SQLException {
    return Set.of((UUID[]) row.getArray("service_ids").getArray());
  }

  /**
   * A token to be.
   *
   * @param permissions what it is narrowed to; empty for all that the account may
   * @param services that it is for alone; empty for none in particular
   * @param expiresAt null for never
   */
  public record Terms(
      UUID id,
      OrganizationId organization,
      UserId user,
      String name,
      List<Permission> permissions,
      List<ServiceId> services,
      @Nullable Instant expiresAt) {}

  /** Writes a token and returns its text, which is never seen again. */
  public static String create(Handle handle, Terms terms) {
    String secret = Secrets.next();
    handle
        .createUpdate(
            """
            insert into api_tokens (id, organization_id, user_id, name, permissions, service_ids, secret_hash, expires_at)
            values (:id, :organization, :user, :name, :permissions, :services, :hash, :expiresAt)
            """)
        .bind("id", terms.id())
        .bind("organization", terms.organization().value())
        .bind("user", terms.user().value())
        .bind("name", terms.name())
        .bind("permissions", terms.permissions().stream().map(Enum::name).toArray(String[]::new))
        .bind("services", terms.services().stream().map(ServiceId::value).toArray(UUID[]::new))
        .bind("hash", Digests.sha256(secret))
        .bind("expiresAt", terms.expiresAt())
        .execute();
    return new Bearer(Bearer.Kind.TOKEN, terms.id(), secret).text();
  }
}
