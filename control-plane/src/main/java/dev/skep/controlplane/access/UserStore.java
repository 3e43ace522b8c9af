package dev.skep.controlplane.access;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.PasswordCodes;
import dev.skep.controlplane.identity.SecondFactor;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.tenancy.AccountNames;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.User;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Accounts of people. */
final class UserStore {
  private static final String UPDATE =
      """
      update users
      set disabled_at = case when :disabled then coalesce(disabled_at, now()) end, platform_admin = :platform
      where id = :id
      """;

  private final Database database;
  private final Supplier<UUID> ids;

  UserStore(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  /** An account. */
  record UserRecord(
      UserId id, String name, boolean disabled, boolean platformAdmin, Instant createdAt) {
    static UserRecord of(ResultSet row) throws SQLException {
      return new UserRecord(
          new UserId(row.getObject("id", UUID.class)),
          row.getString("name"),
          row.getTimestamp("disabled_at") != null,
          row.getBoolean("platform_admin"),
          row.getTimestamp("created_at").toInstant());
    }
  }

  /** An account with the code with which its owner sets a password. */
  record Created(UserRecord user, PasswordCodes.Created code) {}

  /** What to change; empty leaves it as it is. */
  record Update(Optional<Boolean> disabled, Optional<Boolean> platformAdmin, boolean disableTotp) {}

  Created create(Caller caller, String name, boolean platformAdmin) {
    return AccountNames.unique(
        name,
        () ->
            database.inTransaction(
                handle -> {
                  if (platformAdmin) {
                    Sessions.requireConfirmed(handle, caller);
                  }
                  handle.execute(
                      "insert into users (id, name, platform_admin) values (?, ?, ?)",
                      ids.get(),
                      AccountNames.checked(name),
                      platformAdmin);
                  UserRecord user = find(handle, name).orElseThrow();
                  return new Created(user, PasswordCodes.create(handle, user.id()));
                }));
  }

  PasswordCodes.Created createCode(String idOrName) {
    return database.inTransaction(
        handle ->
            PasswordCodes.create(
                handle, find(handle, idOrName).orElseThrow(() -> notFound(idOrName)).id()));
  }

  List<UserRecord> list(String after, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select * from users where home_organization_id is null and name > :after"
                        + " order by name limit :limit")
                .bind("after", after)
                .bind("limit", limit)
                .map((row, c) -> UserRecord.of(row))
                .list());
  }

  UserRecord update(Caller caller, String idOrName, Update update) {
    return database.inTransaction(
        handle -> {
          // Two that go at the same time must not both think that the other one stays.
          handle.execute("select 1 from users where platform_admin for update");
          UserRecord before = find(handle, idOrName).orElseThrow(() -> notFound(idOrName));
          AuditTrail.before(
              User.newBuilder()
                  .setDisabled(before.disabled())
                  .setPlatformAdmin(before.platformAdmin())
                  .build());
          if (update.platformAdmin().orElse(false) && !before.platformAdmin()) {
            Sessions.requireConfirmed(handle, caller);
          }
          if (update.disableTotp()) {
            SecondFactor.remove(handle, before.id());
          }
          handle
              .createUpdate(UPDATE)
              .bind("disabled", update.disabled().orElse(before.disabled()))
              .bind("platform", update.platformAdmin().orElse(before.platformAdmin()))
              .bind("id", before.id().value())
              .execute();
          if (update.disabled().orElse(false)) {
            Sessions.endAll(handle, before.id());
          }
          requirePlatformAdmin(handle, before);
          return find(handle, before.id().toString()).orElseThrow();
        });
  }

  private static void requirePlatformAdmin(Handle handle, UserRecord changed) {
    boolean one =
        handle
            .createQuery(
                "select exists (select 1 from users where platform_admin and disabled_at is null)")
            .mapTo(Boolean.class)
            .one();
    if (!one) {
      throw new Refusal(
          Reason.LAST_ADMIN,
          changed.name()
              + " is the last platform admin; make somebody else one first (--platform-admin)");
    }
  }

  /** The account of a person; {@code field} names where the caller wrote it. */
  static UserId person(Handle handle, String idOrName, String field) {
    return find(handle, idOrName)
        .map(UserRecord::id)
        .orElseThrow(
            () ->
                Refusal.ofField(
                    Reason.USER_NOT_FOUND, field, "there is no account \"" + idOrName + "\""));
  }

  static Refusal notFound(String idOrName) {
    return new Refusal(Reason.USER_NOT_FOUND, "there is no account \"" + idOrName + "\"");
  }

  private static Optional<UserRecord> find(Handle handle, String idOrName) {
    return handle
        .createQuery(
            "select * from users where home_organization_id is null and (id::text = :key or name ="
                + " :key)")
        .bind("key", idOrName)
        .map((row, c) -> UserRecord.of(row))
        .findFirst();
  }
}
