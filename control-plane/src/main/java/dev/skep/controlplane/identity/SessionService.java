package dev.skep.controlplane.identity;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.identity.AccountStore.Account;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.rpc.Origin;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.tenancy.Organizations;
import dev.skep.controlplane.tenancy.Sessions;
import dev.skep.controlplane.tenancy.Sessions.SessionRecord;
import dev.skep.v1.ConfirmIdentityRequest;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Who is signed in, and where; and that they no longer are. */
final class SessionService {
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");

  private final Database database;
  private final Sessions sessions;
  private final PasswordCheck check;
  private final LoginLimits limits;
  private final SecondFactor secondFactor;

  SessionService(
      Database database,
      Sessions sessions,
      PasswordCheck check,
      LoginLimits limits,
      SecondFactor secondFactor) {
    this.database = database;
    this.sessions = sessions;
    this.check = check;
    this.limits = limits;
    this.secondFactor = secondFactor;
  }

  /**
   * With the password, or a code of the second factor: what is hard to undo is allowed for a while.
   */
  void confirm(Caller caller, ConfirmIdentityRequest request, Origin origin) {
    UUID session = caller.requireSession();
    boolean withCode = !request.getCode().isBlank();
    if (withCode) {
      limits.count(caller.userName(), origin.address());
    } else {
      var _ = check.right(caller, request.getPassword(), "password", origin);
    }
    database.useTransaction(
        handle -> {
          if (withCode) {
            secondFactor.use(handle, caller.user(), request.getCode());
          }
          LoginLimits.forgive(handle, caller.userName(), origin.address());
          Sessions.confirm(handle, session);
        });
  }

  /** A caller with all that is theirs. */
  record Me(
      Caller caller,
      boolean platformAdmin,
      List<Organizations.Membership> organizations,
      Optional<SessionRecord> session,
      boolean totp) {}

  Me me(Caller caller) {
    return database.read(
        handle ->
            new Me(
                caller,
                AccountStore.byId(handle, caller.user()).filter(Account::platformAdmin).isPresent(),
                Organizations.of(handle, caller.user()).stream()
                    .filter(
                        m -> caller.session().isPresent() || m.id().equals(caller.organization()))
                    .toList(),
                caller.session().flatMap(id -> sessions.get(handle, id)),
                secondFactor.isOn(handle, caller.user())));
  }

  /**
   * Newest first.
   *
   * @param before an id; empty for the first page
   */
  List<SessionRecord> list(Caller caller, String before, int limit) {
    return sessions.list(caller.user(), before.isEmpty() ? NEWEST : UUID.fromString(before), limit);
  }

  void end(Caller caller, UUID session) {
    boolean ended = database.inTransaction(handle -> Sessions.end(handle, caller.user(), session));
    if (!ended) {
      throw notFound();
    }
  }

  static UUID id(String text) {
    if (!Paging.ID.matcher(text).matches()) {
      throw notFound();
    }
    return UUID.fromString(text);
  }

  private static Refusal notFound() {
    return new Refusal(Reason.SESSION_NOT_FOUND, "there is no such session");
  }
}
