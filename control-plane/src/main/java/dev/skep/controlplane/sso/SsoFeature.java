package dev.skep.controlplane.sso;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.LoginLimits;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.tenancy.Entered;
import dev.skep.controlplane.tenancy.Sessions;
import io.grpc.BindableService;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build logins over an identity provider. */
public final class SsoFeature {
  private final Database database;
  private final SsoService service;
  private final LinkedIdentities identities;
  private final boolean on;

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
    this.on = settings.client().isPresent();
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

  /** Whether there is an identity provider. */
  public boolean isOn() {
    return on;
  }

  /**
   * A login that began in a browser.
   *
   * @param url where it has to go
   * @param verifier what {@link #join} wants
   */
  public record Begun(URI url, String verifier) {
    @Override
    public String toString() {
      return "Begun[]";
    }
  }

  /** Begins a login in a browser. */
  public Begun begin(Origin origin) {
    SsoService.Begun begun = service.begin(Optional.empty(), origin);
    return new Begun(begun.url(), begun.verifier());
  }

  /**
   * The browser that began accepts an invitation as the person that the provider says it is.
   *
   * @return empty when the login began elsewhere
   */
  public Optional<Entered> join(String grant, String verifier, String invitation, Origin origin) {
    return service.join(grant, verifier, invitation, origin);
  }

  /** Deletes what is over; to be called now and then. */
  public void forget() {
    database.useTransaction(SsoStore::forget);
  }
}
