package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.pki.SealedColumn;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Entered;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Invitations.Invited;
import dev.skep.controlplane.tenancy.Sessions;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build what lets people in. */
public final class IdentityFeature {
  private final Database database;
  private final LoginLimits limits;
  private final Sessions sessions;
  private final AccountApi api;
  private final BrowserDoor browserDoor;

  /**
   * What is to be known.
   *
   * @param hashing what one hash of a password costs
   */
  public record Settings(HashingCost hashing, Sessions.Terms sessions) {}

  /** What it is built from, besides the database. */
  public record Sources(Supplier<UUID> ids, InstantSource clock, MasterKey masterKey) {}

  public IdentityFeature(
      Database database, Sources sources, Sessions sessions, AuditTrail trail, Settings settings) {
    int atOnce = Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 4);
    Hashing hashing = new Hashing(settings.hashing(), atOnce);
    SecondFactor secondFactor = new SecondFactor(sources.masterKey(), sources.clock());
    this.database = database;
    this.limits = new LoginLimits(database);
    this.sessions = sessions;
    PasswordCheck check = new PasswordCheck(database, hashing, limits);
    LoginService logins =
        new LoginService(database, hashing, limits, sessions, trail, secondFactor);
    SignUpService signUps =
        new SignUpService(database, sources.ids(), hashing, limits, sessions, trail);
    this.browserDoor = new BrowserDoor(database, logins, signUps, trail);
    this.api =
        new AccountApi(
            logins,
            new PasswordService(database, hashing, check, limits, sessions, trail),
            new SessionService(database, sessions, check, limits, secondFactor),
            new TotpService(database, check, secondFactor),
            signUps);
  }

  public List<BindableService> apis() {
    return List.of(api);
  }

  /** With which account somebody accepts an invitation. */
  public enum Way {
    NEW_ACCOUNT,
    ACCOUNT_THAT_IS_THERE
  }

  /**
   * What somebody typed.
   *
   * @param totp code of the second factor, if the account has one
   */
  public record Person(String name, String password, String totp) {
    @Override
    public String toString() {
      return "Person[" + name + "]";
    }
  }

  /** What the code of an invitation leads to; empty when it cannot be accepted. */
  public Optional<Invited> invited(String code) {
    return database.read(handle -> Invitations.invited(handle, code));
  }

  /**
   * Accepts an invitation in a browser.
   *
   * @throws dev.skep.controlplane.kernel.Refusal like a login and like signing up
   */
  public Entered accept(Way way, String code, Person person, Origin origin) {
    return switch (way) {
      case NEW_ACCOUNT -> browserDoor.signUp(code, person, origin);
      case ACCOUNT_THAT_IS_THERE -> browserDoor.signIn(code, person, origin);
    };
  }

  /** What its master key seals for long. */
  public static SealedColumn sealed() {
    return SecondFactor.sealed();
  }

  /** Deletes what tells nothing any more; to be called now and then. */
  public void forget() {
    limits.forget();
    sessions.forget();
    database.useTransaction(Invitations::forget);
  }
}
