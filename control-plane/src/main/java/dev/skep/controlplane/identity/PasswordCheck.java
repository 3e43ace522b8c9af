package dev.skep.controlplane.identity;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.AccountStore.Account;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;

/** Asks somebody who is signed in for the password again. */
final class PasswordCheck {
  private final Database database;
  private final Hashing hashing;
  private final LoginLimits limits;

  PasswordCheck(Database database, Hashing hashing, LoginLimits limits) {
    this.database = database;
    this.hashing = hashing;
    this.limits = limits;
  }

  /**
   * The caller's account; what is counted is for the caller to forgive.
   *
   * @param field where the caller wrote the password
   * @throws Refusal INVALID_FIELD when it is wrong, TOO_MANY_ATTEMPTS
   */
  Account right(Caller caller, String password, String field, Origin origin) {
    limits.count(caller.userName(), origin.address());
    Account account =
        database
            .read(handle -> AccountStore.byId(handle, caller.user()))
            .orElseThrow(() -> wrong(field));
    if (!hashing.matches(password, account.hash())) {
      throw wrong(field);
    }
    return account;
  }

  static Refusal wrong(String field) {
    return Refusal.ofField(Reason.INVALID_FIELD, field, "is wrong");
  }
}
