package dev.skep.controlplane.sso;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.v1.Identity;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** By which identities of providers somebody is known here. */
final class LinkedIdentities {
  private static final String OWN =
      "select id, issuer, subject, created_at from user_identities where user_id = :user";
  private static final String OTHER_WAY =
      """
      select exists (select 1 from users where id = :user and password_hash is not null)
          or exists (select 1 from user_identities where user_id = :user and id <> :id and issuer = :issuer)
      """;

  private final Database database;
  private final String issuer;

  /** {@code client}: at the provider over which people sign in now, if there is one. */
  LinkedIdentities(Database database, Optional<SsoSettings.Client> client) {
    this.database = database;
    this.issuer = client.map(SsoSettings.Client::issuer).orElse("");
  }

  /** One of them. */
  record Linked(UUID id, String issuer, String subject, Instant createdAt) {
    static Linked of(ResultSet row) throws SQLException {
      return new Linked(
          row.getObject("id", UUID.class),
          row.getString("issuer"),
          row.getString("subject"),
          row.getTimestamp("created_at").toInstant());
    }
  }

  /** In the order of their ids, starting after one. */
  List<Linked> list(UserId user, UUID after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(OWN + " and id > :after order by id limit :limit")
                .bind("user", user.value())
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> Linked.of(row))
                .list());
  }

  /**
   * Somebody is not known by it any more.
   *
   * @throws Refusal LAST_WAY_IN when they could not sign in again
   */
  void remove(UserId user, UUID id) {
    database.useTransaction(
        handle -> {
          // Two that go at the same time must not both count on the other one.
          handle.execute("select 1 from users where id = ? for no key update", user.value());
          Linked linked =
              handle
                  .createQuery(OWN + " and id = :id")
                  .bind("user", user.value())
                  .bind("id", id)
                  .map((row, c) -> Linked.of(row))
                  .findOne()
                  .orElseThrow(LinkedIdentities::notFound);
          if (!hasOtherWay(handle, user, id)) {
            throw new Refusal(
                Reason.LAST_WAY_IN,
                "you could not sign in any more; ask an admin for a code and set a password first:"
                    + " skep passwd --code");
          }
          AuditTrail.before(
              Identity.newBuilder()
                  .setIssuer(linked.issuer())
                  .setSubject(linked.subject())
                  .build());
          handle.execute("delete from user_identities where id = ?", id);
        });
  }

  static Refusal notFound() {
    return new Refusal(Reason.IDENTITY_NOT_FOUND, "you are not known by such an identity");
  }

  private boolean hasOtherWay(Handle handle, UserId user, UUID id) {
    return handle
        .createQuery(OTHER_WAY)
        .bind("user", user.value())
        .bind("id", id)
        .bind("issuer", issuer)
        .mapTo(Boolean.class)
        .one();
  }
}
