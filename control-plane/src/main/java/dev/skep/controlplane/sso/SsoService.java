package dev.skep.controlplane.sso;

import com.google.gson.Gson;
import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.LoginLimits;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.pki.Secrets;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.sso.IdentityProvider.Expected;
import dev.skep.controlplane.sso.IdentityProvider.Identity;
import dev.skep.controlplane.sso.SsoStore.Login;
import dev.skep.controlplane.sso.SsoStore.Person;
import dev.skep.controlplane.tenancy.Entered;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Organizations;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.Role;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login in three steps: it begins, the browser comes back from the provider and shows a code, and
 * whoever began ends it with that code. Sending somebody else to the provider gains nothing: they
 * see the code, not the one who began.
 */
final class SsoService {
  private static final Logger log = LoggerFactory.getLogger(SsoService.class);
  private static final Gson GSON = new Gson();
  private static final String CONTEXT = "sso login";

  private final Database database;
  private final Sources sources;
  private final Sessions sessions;
  private final AuditTrail trail;
  private final LoginLimits limits;
  private final Door door;

  /** What it is built from, besides the database. */
  record Sources(Supplier<UUID> ids, MasterKey masterKey) {}

  /** The provider, if there is one, and what strangers join. */
  record Door(Optional<IdentityProvider> provider, Optional<String> organization) {}

  SsoService(
      Database database,
      Sources sources,
      Sessions sessions,
      AuditTrail trail,
      LoginLimits limits,
      Door door) {
    this.database = database;
    this.sources = sources;
    this.sessions = sessions;
    this.trail = trail;
    this.limits = limits;
    this.door = door;
  }

  /** A login that has begun. */
  record Begun(URI url, String verifier, Instant expiresAt) {
    @Override
    public String toString() {
      return "Begun[]";
    }
  }

  /** Somebody who is in. */
  record In(String userName, Sessions.Opened session) {}

  /**
   * Begins a login, or the linking of an account.
   *
   * @param linkTo whose account
   */
  Begun begin(Optional<UserId> linkTo, Origin origin) {
    IdentityProvider provider = provider();
    limits.countOf(origin.address());
    String state = Secrets.next();
    String verifier = Secrets.next();
    Expected expected = Expected.random();
    URI url;
    try {
      url = provider.login(state, expected);
    } catch (IdentityProvider.Refused e) {
      throw unavailable(e);
    }
    byte[] sealed = seal(expected);
    Instant expiresAt =
        database.inTransaction(handle -> SsoStore.begin(handle, state, verifier, sealed, linkTo));
    return new Begun(url, verifier, expiresAt);
  }

  /**
   * The browser is back: answers the code that it shows.
   *
   * @throws Refusal CODE_REFUSED when it was not sent by us or has been here before
   */
  String comeBack(String state, String code) {
    Login login =
        database
            .inTransaction(handle -> SsoStore.comeBack(handle, state))
            .orElseThrow(SsoService::refused);
    Identity identity;
    try {
      identity = provider().identity(code, open(login.sealed(), Expected.class));
    } catch (IdentityProvider.Refused e) {
      log.info("a login over the identity provider is refused: {}", e.getMessage());
      throw refused();
    }
    String grant = Secrets.next().substring(0, 32);
    database.useTransaction(handle -> SsoStore.grant(handle, grant, login, seal(identity)));
    return grant;
  }

  /**
   * Whoever began brings the code.
   *
   * @throws Refusal CODE_REFUSED, IDENTITY_UNKNOWN, IDENTITY_TAKEN
   */
  In finish(String grant, String verifier, Origin origin) {
    limits.countOf(origin.address());
    return ended(grant, verifier)
        .map(login -> enter(login, Optional.empty(), origin).in)
        .orElseThrow(SsoService::refused);
  }

  /** The browser that began accepts an invitation; empty when another one began. */
  Optional<Entered> join(String grant, String verifier, String invitation, Origin origin) {
    return ended(grant, verifier)
        .map(login -> enter(login, Optional.of(invitation), origin))
        .map(
            one ->
                new Entered(
                    one.in.userName,
                    one.joined.map(Membership::name).orElse(""),
                    one.in.session.token()));
  }

  private Optional<Login> ended(String grant, String verifier) {
    return database.inTransaction(handle -> SsoStore.finish(handle, grant, verifier));
  }

  /** Somebody who is in, perhaps in one more organization. */
  private record Arrival(In in, Optional<Membership> joined) {}

  private Arrival enter(Login login, Optional<String> invitation, Origin origin) {
    Identity identity = open(login.sealed(), Identity.class);
    Optional<Person> known = database.read(handle -> SsoStore.known(handle, identity));
    Person person =
        login.linkTo().isPresent()
            ? linked(login.linkTo().get(), known)
            : known.orElseGet(() -> stranger(identity, invitation));
    if (person.disabled()) {
      throw unknown();
    }
    AuditTrail.Attempt attempt =
        trail.attempt(
            Caller.account(person.id(), person.name(), Optional.empty()),
            origin,
            "FinishSso",
            List.of());
    return attempt.answering(
        () ->
            database.inTransaction(
                handle -> {
                  if (known.isEmpty()) {
                    admit(handle, identity, person, invitation);
                  }
                  Optional<Membership> joined =
                      invitation.map(code -> Invitations.accept(handle, code, person.id()));
                  joined.ifPresent(one -> AuditTrail.about(one.id()));
                  return new Arrival(
                      new In(person.name(), sessions.open(handle, person.id(), origin)), joined);
                }));
  }

  /** Makes the account of a stranger, and remembers by which identity the person is known. */
  private void admit(Handle handle, Identity identity, Person person, Optional<String> invitation) {
    boolean there =
        handle
            .createQuery("select exists (select 1 from users where id = :id)")
            .bind("id", person.id().value())
            .mapTo(Boolean.class)
            .one();
    if (!there) {
      SsoStore.create(handle, person.id(), person.name());
    }
    if (!there && invitation.isEmpty()) {
      Organizations.join(
          handle,
          door.organization()
              .flatMap(name -> Organizations.find(handle, name))
              .orElseThrow(SsoService::unknown)
              .id(),
          person.id(),
          Role.ROLE_VIEWER);
    }
    SsoStore.link(handle, identity, person.id());
  }

  private Person linked(UserId user, Optional<Person> known) {
    if (known.isPresent() && !known.get().id().equals(user)) {
      throw new Refusal(Reason.IDENTITY_TAKEN, "another account is known by this identity already");
    }
    return database.read(handle -> SsoStore.person(handle, user));
  }

  /** Somebody who is invited needs no organization that is open to all. */
  private Person stranger(Identity identity, Optional<String> invitation) {
    if (door.organization.isEmpty() && invitation.isEmpty()) {
      throw unknown();
    }
    String name =
        database.read(
            handle -> AccountName.of(identity.name(), wish -> SsoStore.isTaken(handle, wish)));
    return new Person(new UserId(sources.ids.get()), name, false);
  }

  private IdentityProvider provider() {
    return door.provider.orElseThrow(
        () ->
            new Refusal(
                Reason.SSO_OFF,
                "this control plane has no identity provider; sign in with name and password"));
  }

  private byte[] seal(Object value) {
    return sources.masterKey.seal(GSON.toJson(value).getBytes(StandardCharsets.UTF_8), CONTEXT);
  }

  private <T> T open(byte[] sealed, Class<T> type) {
    return GSON.fromJson(
        new String(sources.masterKey.open(sealed, CONTEXT), StandardCharsets.UTF_8), type);
  }

  private static Refusal unavailable(IdentityProvider.Refused e) {
    return new Refusal(
        Reason.PROVIDER_UNREACHABLE, e.getMessage() + "; sign in with name and password");
  }

  private static Refusal refused() {
    return new Refusal(
        Reason.CODE_REFUSED,
        "this login is not valid, took too long or was ended before; begin anew");
  }

  private static Refusal unknown() {
    return new Refusal(
        Reason.IDENTITY_UNKNOWN,
        "nobody here is known by this identity; sign in with your password and link it: skep login"
            + " --sso --link");
  }
}
