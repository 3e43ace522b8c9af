package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The rows of people, as those need them who let them in. */
final class AccountStore {
  private AccountStore() {}

  /**
   * A person's account.
   *
   * @param passwordHash PHC; empty when none is set
   */
  record Account(UserId id, String name, boolean platformAdmin, Optional<String> passwordHash) {
    static Account of(ResultSet row) throws SQLException {
      return new Account(
          new UserId(row.getObject("id", UUID.class)),
          row.getString("name"),
          row.getBoolean("platform_admin"),
          Optional.ofNullable(row.getString("password_hash")));
    }

    Optional<PasswordHash> hash() {
      return passwordHash.map(PasswordHash::parse);
    }

    /** Leaves the hash out. */
    @Override
    public String toString() {
      return "Account[" + name + "]";
    }
  }

  /** An account that may sign in. */
  static Optional<Account> byName(Handle handle, String name) {
    return handle
        .createQuery(
            "select * from users where name = :name and home_organization_id is null and disabled_at is"
                + " null")
        .bind("name", name)
        .map((row, c) -> Account.of(row))
        .findOne();
  }

  static Optional<Account> byId(Handle handle, UserId id) {
    return handle
        .createQuery("select * from users where id = :id and disabled_at is null")
        .bind("id", id.value())
        .map((row, c) -> Account.of(row))
        .findOne();
  }

  /**
   * Holds the account as it is until the transaction ends; answers whether it is still enabled and
   * has this password.
   */
  static boolean isStill(Handle handle, Account account) {
    return handle
        .createQuery(
            "select 1 from users where id = :id and disabled_at is null"
                + " and password_hash is not distinct from :hash for no key update")
        .bind("id", account.id().value())
        .bind("hash", account.passwordHash().orElse(null))
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  static void setPassword(Handle handle, UserId id, @Nullable PasswordHash hash) {
    handle.execute(
        "update users set password_hash = ? where id = ?",
        hash == null ? null : hash.phc(),
        id.value());
  }
}
