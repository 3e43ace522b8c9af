package dev.skep.controlplane.identity;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.rpc.Reach;
import dev.skep.controlplane.tenancy.AccountNames;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.v1.SignUpRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Accepts invitations: with a new account, or with one that is there. */
final class SignUpService {
  private final Database database;
  private final Supplier<UUID> ids;
  private final Hashing hashing;
  private final LoginLimits limits;
  private final Sessions sessions;
  private final AuditTrail trail;

  SignUpService(
      Database database,
      Supplier<UUID> ids,
      Hashing hashing,
      LoginLimits limits,
      Sessions sessions,
      AuditTrail trail) {
    this.database = database;
    this.ids = ids;
    this.hashing = hashing;
    this.limits = limits;
    this.sessions = sessions;
    this.trail = trail;
  }

  /** Somebody new who is in. */
  record In(Membership membership, Sessions.Opened session) {}

  /**
   * Makes the account.
   *
   * @throws dev.skep.controlplane.kernel.Refusal CODE_REFUSED, NAME_TAKEN, INVALID_FIELD
   */
  In signUp(SignUpRequest request, Origin origin) {
    limits.countOf(origin.address());
    Membership invited =
        database
            .read(handle -> Invitations.find(handle, request.getCode()))
            .orElseThrow(Invitations::refused);
    String name = AccountNames.checked(request.getUser(), "user");
    PasswordRules.check(request.getPassword(), name, "password");
    PasswordHash hash = hashing.hash(request.getPassword());
    UserId user = new UserId(ids.get());
    AuditTrail.Attempt attempt =
        trail.attempt(in(invited, user, name), origin, "SignUp", List.of("user"));
    attempt.asks(request);
    return AccountNames.unique(
        name,
        "user",
        () ->
            attempt.answering(
                () ->
                    database.inTransaction(
                        handle -> {
                          handle.execute(
                              "insert into users (id, name, password_hash) values (?, ?, ?)",
                              user.value(),
                              name,
                              hash.phc());
                          Membership joined = Invitations.accept(handle, request.getCode(), user);
                          return new In(joined, sessions.open(handle, user, origin));
                        })));
  }

  Membership accept(Caller caller, String code) {
    var _ = caller.requireSession();
    return database.inTransaction(
        handle -> {
          Membership joined = Invitations.accept(handle, code, caller.user());
          AuditTrail.about(joined.id());
          return joined;
        });
  }

  /** So that those of the organization see who came. */
  private static Caller in(Membership invited, UserId user, String name) {
    return new Caller(
        user, name, "", invited.id(), invited.name(), Reach.NOWHERE, Optional.empty());
  }
}
