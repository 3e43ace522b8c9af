package dev.skep.controlplane.sso;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.LoginLimits;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.tenancy.Sessions;
import io.grpc.BindableService;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build logins over an identity provider. */
public final class SsoFeature {
  private final Database database;
  private final SsoService service;
  private final LinkedIdentities identities;

  /**
   * What it is built from, besides the database.
   *
   * @param redirect where browsers come back
   */
  public record Sources(
      Supplier<UUID> ids, InstantSource clock, MasterKey masterKey, URI redirect) {}

  public SsoFeature(
      Database database,
      Sources sources,
      Sessions sessions,
      AuditTrail trail,
      SsoSettings settings) {
    this.database = database;
    this.identities = new LinkedIdentities(database, settings.client());
    this.service =
        new SsoService(
            database,
            new SsoService.Sources(sources.ids(), sources.masterKey()),
            sessions,
            trail,
            new LoginLimits(database),
            new SsoService.Door(
                settings
                    .client()
                    .map(
                        client ->
                            new IdentityProvider(client, sources.redirect(), sources.clock())),
                settings.organization()));
  }

  public List<BindableService> apis() {
    return List.of(new SsoApi(service, identities));
  }

  /**
   * A browser is back from the provider: answers the code that it has to show.
   *
   * @throws dev.skep.controlplane.kernel.Refusal CODE_REFUSED
   */
  public String comeBack(String state, String code) {
    return service.comeBack(state, code);
  }

  /** Deletes what is over; to be called now and then. */
  public void forget() {
    database.useTransaction(SsoStore::forget);
  }
}
