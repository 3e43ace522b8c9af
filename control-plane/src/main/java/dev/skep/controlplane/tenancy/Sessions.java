package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.Secrets;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Need;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.rpc.Reach;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/**
 * People who are signed in. Only hashes of what they carry are stored. Rows of sessions that ended
 * stay for a while: they tell from where somebody has signed in before.
 */
public final class Sessions {
  private static final String LIVE =
      """
      s.ended_at is null and s.expires_at > now() and s.last_used_at > now() - :idle * interval '1 second'
      """;
  private static final String FIND =
      """
      select s.id, s.secret_hash, u.id as user_id, u.name as user_name, u.platform_admin,
             s.last_used_at < now() - interval '1 minute' as seen_long_ago
      from user_sessions s join users u on u.id = s.user_id
      where s.id = :id and u.disabled_at is null and\s"""
          + LIVE;
  private static final String SEEN =
      """
      update user_sessions set last_used_at = now()
      where id = :id and last_used_at < now() - interval '1 minute'
      """;
  private static final String OPEN =
      """
      insert into user_sessions (id, user_id, secret_hash, expires_at, client_address, client)
      values (:id, :user, :hash, now() + :lifetime * interval '1 second', :address, :client)
      """;
  private static final String END_OLDEST =
      """
      update user_sessions set ended_at = now()
      where user_id = :user and ended_at is null
        and id not in (select id from user_sessions where user_id = :user and ended_at is null
                       order by id desc limit :most)
      """;
  private static final String LIST =
      """
      select s.* from user_sessions s
      where s.user_id = :user and s.id < :before and\s"""
          + LIVE
          + " order by s.id desc limit :limit";

  /** Of one account; those before end. */
  private static final int MOST = 50;

  private static final Duration CONFIRMED = Duration.ofMinutes(10);
  private static final int MAX_CLIENT = 200;
  private static final int MOST_NAMES = 20;
  private static final Duration KNOWN_PLACES = Duration.ofDays(30);

  private final Database database;
  private final Supplier<UUID> ids;
  private final Terms terms;

  /**
   * How long sessions live.
   *
   * @param idle without a call
   * @param lifetime whatever happens
   */
  public record Terms(Duration idle, Duration lifetime) {}

  public Sessions(Database database, Supplier<UUID> ids, Terms terms) {
    this.database = database;
    this.ids = ids;
    this.terms = terms;
  }

  /** A session without its secret. */
  public record SessionRecord(
      UUID id,
      Instant createdAt,
      Instant lastUsedAt,
      Instant expiresAt,
      String clientAddress,
      String client) {
    static SessionRecord of(ResultSet row) throws SQLException {
      return new SessionRecord(
          row.getObject("id", UUID.class),
          row.getTimestamp("created_at").toInstant(),
          row.getTimestamp("last_used_at").toInstant(),
          row.getTimestamp("expires_at").toInstant(),
          row.getString("client_address"),
          row.getString("client"));
    }
  }

  /** A session with what its owner carries. */
  public record Opened(SessionRecord session, String token) {}

  /** Begins a session; the oldest of too many ends. */
  public Opened open(Handle handle, UserId user, Origin origin) {
    Bearer bearer = new Bearer(Bearer.Kind.SESSION, ids.get(), Secrets.next());
    handle
        .createUpdate(OPEN)
        .bind("id", bearer.id())
        .bind("user", user.value())
        .bind("hash", bearer.hash())
        .bind("lifetime", terms.lifetime().toSeconds())
        .bind("address", origin.address())
        .bind("client", cut(origin.client()))
        .execute();
    handle.createUpdate(END_OLDEST).bind("user", user.value()).bind("most", MOST).execute();
    return new Opened(get(handle, bearer.id()).orElseThrow(), bearer.text());
  }

  public Optional<SessionRecord> get(Handle handle, UUID id) {
    return handle
        .createQuery("select * from user_sessions where id = :id")
        .bind("id", id)
        .map((row, c) -> SessionRecord.of(row))
        .findOne();
  }

  /** Newest first. */
  public List<SessionRecord> list(UserId user, UUID before, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(LIST)
                .bind("user", user.value())
                .bind("before", before)
                .bind("idle", terms.idle().toSeconds())
                .bind("limit", limit)
                .map((row, c) -> SessionRecord.of(row))
                .list());
  }

  /** Its owner has just proved again who they are. */
  public static void confirm(Handle handle, UUID id) {
    handle.execute("update user_sessions set confirmed_at = now() where id = ?", id);
  }

  /**
   * For what is hard to undo. Tokens are what programs have; they cannot be asked again.
   *
   * @throws Refusal CONFIRMATION_REQUIRED when a session's owner has not proved who they are for
   *     long
   */
  public static void requireConfirmed(Handle handle, Caller caller) {
    boolean confirmed =
        caller.session().isEmpty()
            || handle
                .createQuery(
                    "select confirmed_at > now() - :window * interval '1 second' from user_sessions"
                        + " where id = :id")
                .bind("window", CONFIRMED.toSeconds())
                .bind("id", caller.session().get())
                .mapTo(Boolean.class)
                .one();
    if (!confirmed) {
      throw new Refusal(
          Reason.CONFIRMATION_REQUIRED,
          "this needs your password or a code again, at most "
              + CONFIRMED.toMinutes()
              + " min before: skep confirm (POST /api/me/confirm)");
    }
  }

  /** Ends one session of the account; answers whether there was one. */
  public static boolean end(Handle handle, UserId user, UUID id) {
    return handle.execute(
            "update user_sessions set ended_at = now() where id = ? and user_id = ? and ended_at is null",
            id,
            user.value())
        > 0;
  }

  /** Ends all sessions of the account. */
  public static void endAll(Handle handle, UserId user) {
    handle.execute(
        "update user_sessions set ended_at = now() where user_id = ? and ended_at is null",
        user.value());
  }

  /** Deletes rows that tell nothing any more; to be called now and then. */
  public void forget() {
    database.useTransaction(
        handle ->
            handle
                .createUpdate(
                    "delete from user_sessions where least(ended_at, expires_at) < now() - :kept * interval"
                        + " '1 second'")
                .bind("kept", KNOWN_PLACES.toSeconds())
                .execute());
  }

  private record Found(
      UUID id, byte[] hash, UserId user, String userName, boolean platform, boolean seenLongAgo) {
    static Found of(ResultSet row) throws SQLException {
      return new Found(
          row.getObject("id", UUID.class),
          row.getBytes("secret_hash"),
          new UserId(row.getObject("user_id", UUID.class)),
          row.getString("user_name"),
          row.getBoolean("platform_admin"),
          row.getBoolean("seen_long_ago"));
    }

    Holding holding(Membership in) {
      return new Holding(in.id(), user, in.role(), platform, Holding.Narrowing.NONE);
    }
  }

  Caller authenticate(Bearer bearer, Optional<String> organization, Need need) {
    return database.read(
        handle -> {
          Found found =
              handle
                  .createQuery(FIND)
                  .bind("id", bearer.id())
                  .bind("idle", terms.idle().toSeconds())
                  .map((row, c) -> Found.of(row))
                  .findOne()
                  .filter(f -> bearer.matches(f.hash))
                  .orElseThrow(Callers::refused);
          if (found.seenLongAgo) {
            handle.createUpdate(SEEN).bind("id", bearer.id()).execute();
          }
          List<Membership> memberships = Organizations.of(handle, found.user);
          Membership in =
              organization
                  .map(named -> named(handle, found, memberships, named))
                  .orElseGet(
                      () -> unnamed(found, memberships, Caller.inOrganization(need.permission())));
          return caller(found, in, found.holding(in).reach(handle, need));
        });
  }

  /** Platform admins act in every organization, others where they belong. */
  private static Membership named(
      Handle handle, Found found, List<Membership> memberships, String organization) {
    Optional<Membership> member =
        memberships.stream()
            .filter(m -> m.name().equals(organization) || m.id().toString().equals(organization))
            .findFirst();
    return member
        .filter(m -> !found.platform || m.role() == Role.ROLE_ADMIN)
        .or(
            () ->
                Organizations.find(handle, organization)
                    .filter(o -> found.platform)
                    .map(o -> new Membership(o.id(), o.name(), Role.ROLE_ADMIN)))
        .orElseThrow(() -> Organizations.notFound(organization));
  }

  /** The only organization, or none where it does not matter. */
  private static Membership unnamed(Found found, List<Membership> memberships, boolean needed) {
    if (memberships.size() == 1) {
      return memberships.getFirst();
    }
    if (!needed) {
      return new Membership(OrganizationId.NONE, "", Role.ROLE_UNSPECIFIED);
    }
    if (memberships.isEmpty()) {
      throw new Refusal(
          Reason.NO_ORGANIZATION,
          found.platform
              ? "you belong to no organization; name the one that you act in (--org, header"
                  + " skep-organization)"
              : "you belong to no organization; ask an admin of one to invite you");
    }
    throw new Refusal(
        Reason.ORGANIZATION_REQUIRED,
        "you belong to several organizations; say which one (--org, header skep-organization): "
            + memberships.stream()
                .limit(MOST_NAMES)
                .map(Membership::name)
                .collect(Collectors.joining(", ")));
  }

  private static Caller caller(Found found, Membership in, Reach reach) {
    return new Caller(
        found.user,
        found.userName,
        Caller.SESSION,
        in.id(),
        in.name(),
        reach,
        Optional.of(found.id));
  }

  private static String cut(String client) {
    return client.length() <= MAX_CLIENT ? client : client.substring(0, MAX_CLIENT);
  }
}
