package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.AccountStore.Account;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.LoginRequest;
import java.util.List;
import java.util.Optional;

/** Lets people in. What was wrong is the same for everybody: in words, and in time. */
final class LoginService {
  private final Database database;
  private final Hashing hashing;
  private final LoginLimits limits;
  private final Sessions sessions;
  private final AuditTrail trail;
  private final SecondFactor secondFactor;

  LoginService(
      Database database,
      Hashing hashing,
      LoginLimits limits,
      Sessions sessions,
      AuditTrail trail,
      SecondFactor secondFactor) {
    this.database = database;
    this.hashing = hashing;
    this.limits = limits;
    this.sessions = sessions;
    this.trail = trail;
    this.secondFactor = secondFactor;
  }

  /** Somebody who is in. */
  record In(String userName, Sessions.Opened session) {}

  /**
   * Begins a session.
   *
   * @throws Refusal LOGIN_REFUSED, CODE_REQUIRED, CODE_REFUSED, TOO_MANY_ATTEMPTS
   */
  In login(LoginRequest request, Origin origin) {
    limits.count(request.getUser(), origin.address());
    Optional<Account> found =
        database.read(handle -> AccountStore.byName(handle, request.getUser()));
    boolean right = hashing.matches(request.getPassword(), found.flatMap(Account::hash));
    Account account = found.orElseThrow(LoginService::refused);
    AuditTrail.Attempt attempt = attempt(account, origin);
    attempt.asks(request);
    try {
      if (!right) {
        throw refused();
      }
      Optional<PasswordHash> better = rehashed(account, request.getPassword());
      return attempt.answering(() -> open(account, request.getCode(), better, origin));
    } catch (Refusal e) {
      if (e.reason() != Reason.CODE_REQUIRED) {
        attempt.refused(e.reason().name(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private AuditTrail.Attempt attempt(Account account, Origin origin) {
    Caller caller = Caller.account(account.id(), account.name(), Optional.empty());
    return trail.attempt(caller, origin, "Login", List.of("user"));
  }

  private Optional<PasswordHash> rehashed(Account account, String password) {
    return account.hash().filter(hashing::isOutdated).map(hash -> hashing.hash(password));
  }

  private In open(Account account, String code, Optional<PasswordHash> better, Origin origin) {
    return database.inTransaction(
        handle -> {
          if (!AccountStore.isStill(handle, account)) {
            throw refused();
          }
          if (secondFactor.isOn(handle, account.id())) {
            secondFactor.use(handle, account.id(), given(code));
          }
          better.ifPresent(hash -> AccountStore.setPassword(handle, account.id(), hash));
          LoginLimits.forgive(handle, account.name(), origin.address());
          return new In(account.name(), sessions.open(handle, account.id(), origin));
        });
  }

  private static String given(String code) {
    if (code.isBlank()) {
      throw new Refusal(
          Reason.CODE_REQUIRED,
          "this account has a second factor; send the code that your app shows, or a recovery code");
    }
    return code;
  }

  static Refusal refused() {
    return new Refusal(Reason.LOGIN_REFUSED, "the name or the password is wrong");
  }
}
