package dev.skep.controlplane.sso;

import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.sso.IdentityProvider.Identity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The rows of logins that are under way, and of identities. Each state and each code counts once.
 */
final class SsoStore {
  private static final Duration TTL = Duration.ofMinutes(10);
  private static final String BEGIN =
      """
      insert into sso_logins (state_hash, verifier_hash, sealed, link_to, expires_at)
      values (:state, :verifier, :sealed, :link, now() + :ttl * interval '1 second') returning expires_at
      """;
  private static final String COME_BACK =
      """
      delete from sso_logins where state_hash = :state and grant_hash is null and expires_at > now()
      returning verifier_hash, sealed, link_to
      """;
  private static final String GRANT =
      """
      insert into sso_logins (state_hash, verifier_hash, grant_hash, sealed, link_to, expires_at)
      values (:grant, :verifier, :grant, :sealed, :link, now() + :ttl * interval '1 second')
      """;
  private static final String FINISH =
      """
      delete from sso_logins where grant_hash = :grant and verifier_hash = :verifier and expires_at > now()
      returning verifier_hash, sealed, link_to
      """;
  private static final String KNOWN =
      """
      select u.id, u.name, u.disabled_at is not null as disabled
      from user_identities i join users u on u.id = i.user_id
      where i.issuer = :issuer and i.subject = :subject
      """;

  private SsoStore() {}

  /** A login that is under way. */
  record Login(byte[] verifierHash, byte[] sealed, Optional<UserId> linkTo) {
    static Login of(ResultSet row) throws SQLException {
      return new Login(
          row.getBytes("verifier_hash"),
          row.getBytes("sealed"),
          Optional.ofNullable(row.getObject("link_to", UUID.class)).map(UserId::new));
    }
  }

  /** Somebody with an identity. */
  record Person(UserId id, String name, boolean disabled) {
    static Person of(ResultSet row) throws SQLException {
      return new Person(
          new UserId(row.getObject("id", UUID.class)),
          row.getString("name"),
          row.getBoolean("disabled"));
    }
  }

  static Instant begin(
      Handle handle, String state, String verifier, byte[] sealed, Optional<UserId> linkTo) {
    return handle
        .createQuery(BEGIN)
        .bind("state", Digests.sha256(state))
        .bind("verifier", Digests.sha256(verifier))
        .bind("sealed", sealed)
        .bind("link", value(linkTo))
        .bind("ttl", TTL.toSeconds())
        .mapTo(Instant.class)
        .one();
  }

  /** A state that comes back a second time finds nothing. */
  static Optional<Login> comeBack(Handle handle, String state) {
    return handle
        .createQuery(COME_BACK)
        .bind("state", Digests.sha256(state))
        .map((row, c) -> Login.of(row))
        .findOne();
  }

  static void grant(Handle handle, String grant, Login login, byte[] sealed) {
    handle
        .createUpdate(GRANT)
        .bind("grant", Digests.sha256(grant))
        .bind("verifier", login.verifierHash())
        .bind("sealed", sealed)
        .bind("link", value(login.linkTo()))
        .bind("ttl", TTL.toSeconds())
        .execute();
  }

  /** Only for whoever began, and once. */
  static Optional<Login> finish(Handle handle, String grant, String verifier) {
    return handle
        .createQuery(FINISH)
        .bind("grant", Digests.sha256(grant))
        .bind("verifier", Digests.sha256(verifier))
        .map((row, c) -> Login.of(row))
        .findOne();
  }

  static Optional<Person> known(Handle handle, Identity identity) {
    return handle
        .createQuery(KNOWN)
        .bind("issuer", identity.issuer())
        .bind("subject", identity.subject())
        .map((row, c) -> Person.of(row))
        .findOne();
  }

  static Person person(Handle handle, UserId user) {
    return handle
        .createQuery(
            "select id, name, disabled_at is not null as disabled from users where id = :id")
        .bind("id", user.value())
        .map((row, c) -> Person.of(row))
        .one();
  }

  static void link(Handle handle, Identity identity, UserId user) {
    handle.execute(
        "insert into user_identities (issuer, subject, user_id) values (?, ?, ?)",
        identity.issuer(),
        identity.subject(),
        user.value());
  }

  static boolean isTaken(Handle handle, String name) {
    return handle
        .createQuery(
            "select exists (select 1 from users where name = :name and home_organization_id is null)")
        .bind("name", name)
        .mapTo(Boolean.class)
        .one();
  }

  static void create(Handle handle, UserId user, String name) {
    handle.execute("insert into users (id, name) values (?, ?)", user.value(), name);
  }

  /** Deletes what is over; to be called now and then. */
  static void forget(Handle handle) {
    handle.execute("delete from sso_logins where expires_at <= now()");
  }

  private static @Nullable UUID value(Optional<UserId> user) {
    return user.map(UserId::value).orElse(null);
  }
}
