package dev.skep.controlplane.access;

import dev.skep.controlplane.access.MemberStore.MemberRecord;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.tenancy.AccountNames;
import dev.skep.controlplane.tenancy.ApiTokens;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.Permission;
import dev.skep.v1.TokenServiceRef;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Tokens as those see them who may: their owners, and who may write all tokens. */
final class TokenStore {
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");
  private static final String VISIBLE =
      """
      select t.*, u.name as user_name,
             (select coalesce(array_agg(s.name order by o.n), '{}') from unnest(t.service_ids) with ordinality as o (id, n)
              left join container_services s on s.organization_id = t.organization_id and s.id = o.id) as service_names
      from api_tokens t join users u on u.id = t.user_id
      where t.organization_id = :organization and t.revoked_at is null and (:all or t.user_id = :user)
      """;
  private static final String REVOKE =
      """
      update api_tokens set revoked_at = now()
      where organization_id = :organization and id = :id and revoked_at is null and (:all or user_id = :user)
      """;

  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;

  TokenStore(Database database, Supplier<UUID> ids, InstantSource clock) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
  }

  /** A token without its secret. */
  record TokenRecord(
      UUID id,
      String name,
      UserId user,
      String userName,
      List<Permission> permissions,
      List<TokenServiceRef> services,
      Instant createdAt,
      Optional<Instant> expiresAt,
      Optional<Instant> lastUsedAt) {
    static TokenRecord of(ResultSet row) throws SQLException {
      return new TokenRecord(
          row.getObject("id", UUID.class),
          row.getString("name"),
          new UserId(row.getObject("user_id", UUID.class)),
          row.getString("user_name"),
          ApiTokens.permissions(row).stream().sorted().toList(),
          refs(row),
          row.getTimestamp("created_at").toInstant(),
          Optional.ofNullable(row.getTimestamp("expires_at")).map(Timestamp::toInstant),
          Optional.ofNullable(row.getTimestamp("last_used_at")).map(Timestamp::toInstant));
    }
  }

  private static List<TokenServiceRef> refs(ResultSet row) throws SQLException {
    UUID[] ids = (UUID[]) row.getArray("service_ids").getArray();
    @Nullable String[] names = (String[]) row.getArray("service_names").getArray();
    List<TokenServiceRef> services = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      services.add(
          TokenServiceRef.newBuilder()
              .setServiceId(ids[i].toString())
              .setServiceName(Objects.requireNonNullElse(names[i], ""))
              .build());
    }
    return services;
  }

  /**
   * A token that somebody wants.
   *
   * @param user id or name; empty for the caller
   */
  record Wanted(
      String name,
      String user,
      List<Permission> permissions,
      List<String> services,
      Duration ttl) {}

  /** A token with its text. */
  record Created(TokenRecord token, String secret) {}

  /** Makes a token that can do no more than the caller's. */
  Created create(Caller caller, Wanted wanted) {
    AccountNames.checked(wanted.name());
    List<Permission> narrowed = narrowed(caller, wanted.permissions());
    UUID id = ids.get();
    return database.inTransaction(
        handle -> {
          String secret =
              ApiTokens.create(
                  handle,
                  new ApiTokens.Terms(
                      id,
                      caller.organization(),
                      owner(handle, caller, wanted.user()),
                      wanted.name(),
                      narrowed,
                      services(handle, caller, wanted.services()),
                      clock.instant().plus(wanted.ttl())));
          TokenRecord token =
              query(handle, caller, VISIBLE + " and t.id = :id", true)
                  .bind("id", id)
                  .map((row, c) -> TokenRecord.of(row))
                  .one();
          return new Created(token, secret);
        });
  }

  /**
   * Newest first.
   *
   * @param before an id; empty for the first page
   */
  List<TokenRecord> list(Caller caller, String before, int limit) {
    UUID last = before.isEmpty() ? NEWEST : UUID.fromString(before);
    return database.read(
        handle ->
            query(
                    handle,
                    caller,
                    VISIBLE + " and t.id < :before order by t.id desc limit :limit",
                    seesAll(caller))
                .bind("before", last)
                .bind("limit", limit)
                .map((row, c) -> TokenRecord.of(row))
                .list());
  }

  void revoke(Caller caller, UUID id) {
    int revoked =
        database.inTransaction(
            handle ->
                handle
                    .createUpdate(REVOKE)
                    .bind("organization", caller.organization().value())
                    .bind("user", caller.user().value())
                    .bind("all", seesAll(caller))
                    .bind("id", id)
                    .execute());
    if (revoked == 0) {
      throw notFound();
    }
  }

  static Refusal notFound() {
    return new Refusal(Reason.TOKEN_NOT_FOUND, "there is no such token");
  }

  private static org.jdbi.v3.core.statement.Query query(
      Handle handle, Caller caller, String sql, boolean all) {
    return handle
        .createQuery(sql)
        .bind("organization", caller.organization().value())
        .bind("user", caller.user().value())
        .bind("all", all);
  }

  private static boolean seesAll(Caller caller) {
    return caller.may(Permission.PERMISSION_TOKENS_WRITE);
  }

  /** A narrowed token makes no wider one. */
  private static List<Permission> narrowed(Caller caller, List<Permission> wanted) {
    if (!caller.reach().narrowed()) {
      return wanted;
    }
    for (Permission permission : wanted) {
      if (!caller.reach().everywhere().contains(permission)) {
        throw Refusal.ofField(
            Reason.PERMISSION_DENIED,
            "permissions",
            "the token of this call has not "
                + Caller.words(permission)
                + " itself, so it cannot give it away");
      }
    }
    return wanted.isEmpty() ? caller.reach().everywhere().stream().sorted().toList() : wanted;
  }

  /** Those that the caller may see: a token must not tell which others there are. */
  private static List<ServiceId> services(Handle handle, Caller caller, List<String> wanted) {
    List<FieldViolation> wrong = new ArrayList<>();
    Set<ServiceId> services = new LinkedHashSet<>();
    for (int i = 0; i < wanted.size(); i++) {
      Optional<ServiceId> found =
          ServiceNames.find(handle, caller.organization(), wanted.get(i))
              .filter(id -> sees(handle, caller, id));
      if (found.isEmpty()) {
        wrong.add(
            new FieldViolation(
                "services[" + i + "]", "there is no service \"" + wanted.get(i) + "\""));
      }
      found.ifPresent(services::add);
    }
    Refusal.ifAny(wrong);
    return List.copyOf(services);
  }

  private static boolean sees(Handle handle, Caller caller, ServiceId service) {
    return caller.may(Permission.PERMISSION_SERVICES_READ)
        || handle
            .createQuery(
                "select exists (select 1 from service_grants where organization_id = :organization"
                    + " and service_id = :service and user_id = :user)")
            .bind("organization", caller.organization().value())
            .bind("service", service.value())
            .bind("user", caller.user().value())
            .mapTo(Boolean.class)
            .one();
  }

  private static UserId owner(Handle handle, Caller caller, String user) {
    Optional<MemberRecord> self =
        MemberStore.find(handle, caller.organization(), caller.user().toString());
    if (user.isEmpty() || user.equals(caller.userName())) {
      Sessions.requireConfirmed(handle, caller);
      return self.map(MemberRecord::user)
          .orElseThrow(
              () ->
                  Refusal.ofField(
                      Reason.INVALID_FIELD,
                      "user",
                      "you are no member of "
                          + caller.organizationName()
                          + "; tokens are for members"));
    }
    caller.require(Permission.PERMISSION_TOKENS_WRITE);
    MemberRecord member =
        MemberStore.find(handle, caller.organization(), user)
            .orElseThrow(() -> UserStore.notFound(user));
    if (!member.serviceAccount() && !member.user().equals(caller.user())) {
      throw Refusal.ofField(
          Reason.PERMISSION_DENIED,
          "user",
          member.name() + " is a person; only they make tokens of theirs");
    }
    if (!member.serviceAccount()) {
      Sessions.requireConfirmed(handle, caller);
    }
    return member.user();
  }
}
