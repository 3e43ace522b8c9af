package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.IdentityFeature.Person;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Entered;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.LoginRequest;
import dev.skep.v1.SignUpRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Invitations that are accepted with a name and a password, and a browser that is signed in then.
 */
final class BrowserDoor {
  private final Database database;
  private final LoginService logins;
  private final SignUpService signUps;
  private final AuditTrail trail;

  BrowserDoor(Database database, LoginService logins, SignUpService signUps, AuditTrail trail) {
    this.database = database;
    this.logins = logins;
    this.signUps = signUps;
    this.trail = trail;
  }

  Entered signUp(String code, Person person, Origin origin) {
    SignUpRequest request =
        SignUpRequest.newBuilder()
            .setCode(code)
            .setUser(person.name())
            .setPassword(person.password())
            .build();
    SignUpService.In in = signUps.signUp(request, origin);
    return new Entered(person.name(), in.membership().name(), in.session().token());
  }

  /** A session that joined nothing does not stay. */
  Entered signIn(String code, Person person, Origin origin) {
    LoginService.In in =
        logins.login(
            LoginRequest.newBuilder()
                .setUser(person.name())
                .setPassword(person.password())
                .setCode(person.totp())
                .build(),
            origin);
    UUID session = in.session().session().id();
    UserId user =
        database.read(handle -> AccountStore.byName(handle, in.userName())).orElseThrow().id();
    Caller caller = Caller.account(user, in.userName(), Optional.of(session));
    AuditTrail.Attempt attempt = trail.attempt(caller, origin, "AcceptInvitation", List.of());
    try {
      Membership joined = attempt.answering(() -> signUps.accept(caller, code));
      return new Entered(in.userName(), joined.name(), in.session().token());
    } catch (Refusal e) {
      attempt.refused(e.reason().name(), String.valueOf(e.getMessage()));
      database.useTransaction(handle -> Sessions.end(handle, user, session));
      throw e;
    }
  }
}
