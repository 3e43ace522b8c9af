package dev.skep.controlplane.identity;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Sessions;
import java.util.List;

/** Switches the second factor of one's own account on and off. */
final class TotpService {
  private static final String URI =
      "otpauth://totp/Skep:%s?secret=%s&issuer=Skep&algorithm=SHA1&digits=6&period="
          + Totp.STEP_SECONDS;

  private final Database database;
  private final PasswordCheck check;
  private final SecondFactor secondFactor;

  TotpService(Database database, PasswordCheck check, SecondFactor secondFactor) {
    this.database = database;
    this.check = check;
    this.secondFactor = secondFactor;
  }

  /** What an app needs to show codes. */
  record Enrolment(String secret, String uri) {
    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "Enrolment[]";
    }
  }

  Enrolment enroll(Caller caller) {
    var _ = caller.requireSession();
    return database.inTransaction(
        handle -> {
          Sessions.requireConfirmed(handle, caller);
          String secret = Base32.of(secondFactor.begin(handle, caller.user()));
          return new Enrolment(secret, URI.formatted(caller.userName(), secret));
        });
  }

  /** Answers recovery codes. */
  List<String> confirm(Caller caller, String code) {
    var _ = caller.requireSession();
    return database.inTransaction(
        handle -> secondFactor.confirm(handle, caller.user(), code.strip()));
  }

  void disable(Caller caller, String password, Origin origin) {
    var _ = caller.requireSession();
    var _ = check.right(caller, password, "password", origin);
    database.useTransaction(
        handle -> {
          LoginLimits.forgive(handle, caller.userName(), origin.address());
          SecondFactor.remove(handle, caller.user());
        });
  }
}
