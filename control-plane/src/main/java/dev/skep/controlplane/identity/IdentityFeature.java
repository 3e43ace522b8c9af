package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.pki.SealedColumn;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Sessions;
import io.grpc.BindableService;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build what lets people in. */
public final class IdentityFeature {
  private final Database database;
  private final LoginLimits limits;
  private final Sessions sessions;
  private final AccountApi api;

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
    this.api =
        new AccountApi(
            new LoginService(database, hashing, limits, sessions, trail, secondFactor),
            new PasswordService(database, hashing, check, limits, sessions, trail),
            new SessionService(database, sessions, check, limits, secondFactor),
            new TotpService(database, check, secondFactor),
            new SignUpService(database, sources.ids(), hashing, limits, sessions, trail));
  }

  public List<BindableService> apis() {
    return List.of(api);
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
