package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.Secrets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Codes with which the owner of an account sets its password, once. Only hashes are stored. */
public final class PasswordCodes {
  /** Long enough for a weekend. */
  private static final Duration TTL = Duration.ofDays(3);

  private static final String PREFIX = "skc_";
  private static final String CREATE =
      """
      insert into password_codes (user_id, secret_hash, expires_at)
      values (:user, :hash, now() + :ttl * interval '1 second')
      on conflict (user_id) do update set secret_hash = excluded.secret_hash, expires_at = excluded.expires_at
      returning expires_at
      """;
  private static final String FIND =
      """
      select u.id, u.name from password_codes c join users u on u.id = c.user_id
      where c.secret_hash = :hash and c.expires_at > now() and u.disabled_at is null
      """;

  private PasswordCodes() {}

  /** A code, which nobody can read again. */
  public record Created(String code, Instant expiresAt) {}

  /** Whose code it is. */
  record Owner(UserId user, String name) {
    static Owner of(ResultSet row) throws SQLException {
      return new Owner(new UserId(row.getObject("id", UUID.class)), row.getString("name"));
    }
  }

  /** Makes a code; those before it end. */
  public static Created create(Handle handle, UserId user) {
    String code = PREFIX + Secrets.next();
    Instant expiresAt =
        handle
            .createQuery(CREATE)
            .bind("user", user.value())
            .bind("hash", Digests.sha256(code))
            .bind("ttl", TTL.toSeconds())
            .mapTo(Instant.class)
            .one();
    return new Created(code, expiresAt);
  }

  static void end(Handle handle, UserId user) {
    handle.execute("delete from password_codes where user_id = ?", user.value());
  }

  static Optional<Owner> find(Handle handle, String code) {
    return handle
        .createQuery(FIND)
        .bind("hash", Digests.sha256(code))
        .map((row, c) -> Owner.of(row))
        .findOne();
  }

  /** Answers whether it was there: of two who use a code at the same time, one has it. */
  static boolean use(Handle handle, String code) {
    return handle.execute(
            "delete from password_codes where secret_hash = ? and expires_at > now()",
            (Object) Digests.sha256(code))
        == 1;
  }
}
