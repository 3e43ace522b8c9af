package dev.skep.controlplane.access;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.rpc.Caller;
import dev.skep.controlplane.tenancy.Invitations;
import dev.skep.controlplane.tenancy.Invitations.InvitationRecord;
import dev.skep.v1.Role;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** Invitations as admins of an organization see them. */
final class InvitationStore {
  private static final UUID NEWEST = UUID.fromString("ffffffff-ffff-ffff-ffff-ffffffffffff");
  private static final int LONGEST_EMAIL = 254;

  private final Database database;
  private final Supplier<UUID> ids;

  InvitationStore(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  Invitations.Created create(Caller caller, Role role, String email) {
    MemberStore.checkRole(role);
    if (email.length() > LONGEST_EMAIL || email.chars().anyMatch(Character::isISOControl)) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "email", "has up to " + LONGEST_EMAIL + " printable characters");
    }
    var terms =
        new Invitations.Terms(ids.get(), caller.organization(), role, email, caller.userName());
    return database.inTransaction(handle -> Invitations.create(handle, terms));
  }

  /**
   * Newest first.
   *
   * @param before an id; empty for the first page
   */
  List<InvitationRecord> list(OrganizationId organization, String before, int limit) {
    UUID last = before.isEmpty() ? NEWEST : UUID.fromString(before);
    return database.read(handle -> Invitations.list(handle, organization, last, limit));
  }

  void revoke(OrganizationId organization, String id) {
    boolean revoked =
        database.inTransaction(handle -> Invitations.revoke(handle, organization, id));
    if (!revoked) {
      throw new Refusal(
          Reason.INVITATION_NOT_FOUND, "there is no such invitation that can be accepted");
    }
  }
}
