package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.AccountStore.Account;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.ChangePasswordRequest;
import dev.skep.v1.SetPasswordRequest;
import java.util.List;
import java.util.Optional;

/** Sets and changes passwords. Whoever was signed in has to sign in again. */
final class PasswordService {
  private final Database database;
  private final Hashing hashing;
  private final PasswordCheck check;
  private final LoginLimits limits;
  private final Sessions sessions;
  private final AuditTrail trail;

  PasswordService(
      Database database,
      Hashing hashing,
      PasswordCheck check,
      LoginLimits limits,
      Sessions sessions,
      AuditTrail trail) {
    this.database = database;
    this.hashing = hashing;
    this.check = check;
    this.limits = limits;
    this.sessions = sessions;
    this.trail = trail;
  }

  /**
   * With a code, once; answers whose password it is now.
   *
   * @throws Refusal CODE_REFUSED, INVALID_FIELD
   */
  String set(SetPasswordRequest request, Origin origin) {
    limits.countOf(origin.address());
    PasswordCodes.Owner owner =
        database
            .read(handle -> PasswordCodes.find(handle, request.getCode()))
            .orElseThrow(PasswordService::codeRefused);
    PasswordRules.check(request.getPassword(), owner.name(), "password");
    PasswordHash hash = hashing.hash(request.getPassword());
    AuditTrail.Attempt attempt =
        trail.attempt(
            Caller.account(owner.user(), owner.name(), Optional.empty()),
            origin,
            "SetPassword",
            List.of());
    attempt.asks(request);
    return attempt.answering(
        () ->
            database.inTransaction(
                handle -> {
                  if (!PasswordCodes.use(handle, request.getCode())) {
                    throw codeRefused();
                  }
                  AccountStore.setPassword(handle, owner.user(), hash);
                  Sessions.endAll(handle, owner.user());
                  return owner.name();
                }));
  }

  /**
   * With the password that is valid now; answers a new session.
   *
   * @throws Refusal SESSION_REQUIRED, INVALID_FIELD, TOO_MANY_ATTEMPTS
   */
  Sessions.Opened change(Caller caller, ChangePasswordRequest request, Origin origin) {
    var _ = caller.requireSession();
    Account account = check.right(caller, request.getCurrentPassword(), "current_password", origin);
    PasswordRules.check(request.getNewPassword(), account.name(), "new_password");
    PasswordHash hash = hashing.hash(request.getNewPassword());
    return database.inTransaction(
        handle -> {
          if (!AccountStore.isStill(handle, account)) {
            throw PasswordCheck.wrong("current_password");
          }
          AccountStore.setPassword(handle, account.id(), hash);
          PasswordCodes.end(handle, account.id());
          LoginLimits.forgive(handle, account.name(), origin.address());
          Sessions.endAll(handle, account.id());
          return sessions.open(handle, account.id(), origin);
        });
  }

  private static Refusal codeRefused() {
    return new Refusal(
        Reason.CODE_REFUSED,
        "the code is not valid, is expired or was used; ask a platform admin for another one");
  }
}
