package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.UserId;
import dev.skep.controlplane.pki.Secrets;
import dev.skep.controlplane.tenancy.Organizations.Membership;
import dev.skep.v1.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** The rows of invitations. Of a code only the hash is stored. */
public final class Invitations {
  private static final Duration TTL = Duration.ofDays(7);
  private static final String PREFIX = "ski_";
  private static final String OPEN =
      "accepted_at is null and revoked_at is null and expires_at > now()";
  private static final String CREATE =
      """
      insert into invitations (id, organization_id, role, email, secret_hash, invited_by, expires_at)
      values (:id, :organization, :role, :email, :hash, :by, now() + :ttl * interval '1 second')
      returning *
      """;
  private static final String LIST =
      "select * from invitations where organization_id = :organization and id < :before and "
          + OPEN
          + " order by id desc limit :limit";
  private static final String ACCEPT =
      "update invitations i set accepted_at = now(), accepted_by = :user from organizations o"
          + " where o.id = i.organization_id and i.secret_hash = :hash and "
          + OPEN
          + " returning o.id, o.name, i.role";

  private Invitations() {}

  /** An invitation without its code. */
  public record InvitationRecord(
      UUID id, Role role, String email, String invitedBy, Instant createdAt, Instant expiresAt) {
    static InvitationRecord of(ResultSet row) throws SQLException {
      return new InvitationRecord(
          row.getObject("id", UUID.class),
          Role.valueOf("ROLE_" + row.getString("role")),
          row.getString("email"),
          row.getString("invited_by"),
          row.getTimestamp("created_at").toInstant(),
          row.getTimestamp("expires_at").toInstant());
    }
  }

  /** An invitation to be. */
  public record Terms(
      UUID id, OrganizationId organization, Role role, String email, String invitedBy) {}

  /** An invitation with its code, which nobody can read again. */
  public record Created(InvitationRecord invitation, String code) {}

  public static Created create(Handle handle, Terms terms) {
    String code = PREFIX + Secrets.next();
    InvitationRecord made =
        handle
            .createQuery(CREATE)
            .bind("id", terms.id())
            .bind("organization", terms.organization().value())
            .bind("role", terms.role().name().replaceFirst("^ROLE_", ""))
            .bind("email", terms.email())
            .bind("hash", Digests.sha256(code))
            .bind("by", terms.invitedBy())
            .bind("ttl", TTL.toSeconds())
            .map((row, c) -> InvitationRecord.of(row))
            .one();
    return new Created(made, code);
  }

  /** Those that can be accepted, newest first. */
  public static List<InvitationRecord> list(
      Handle handle, OrganizationId organization, UUID before, int limit) {
    return handle
        .createQuery(LIST)
        .bind("organization", organization.value())
        .bind("before", before)
        .bind("limit", limit)
        .map((row, c) -> InvitationRecord.of(row))
        .list();
  }

  /** Answers whether there was one. */
  public static boolean revoke(Handle handle, OrganizationId organization, String id) {
    return handle.execute(
            "update invitations set revoked_at = now() where organization_id = ? and id::text = ? and "
                + OPEN,
            organization.value(),
            id)
        == 1;
  }

  /** What somebody may know who has the code. */
  public record Invited(String organizationName, Role role, String invitedBy) {}

  /** Who invites to what. */
  public static Optional<Invited> invited(Handle handle, String code) {
    return handle
        .createQuery(
            "select o.name, i.role, i.invited_by from invitations i join organizations o on o.id ="
                + " i.organization_id where i.secret_hash = :hash and "
                + OPEN)
        .bind("hash", Digests.sha256(code))
        .map(
            (row, c) ->
                new Invited(
                    row.getString("name"),
                    Role.valueOf("ROLE_" + row.getString("role")),
                    row.getString("invited_by")))
        .findOne();
  }

  /** Which organization a code leads to. */
  public static Optional<Membership> find(Handle handle, String code) {
    return handle
        .createQuery(
            "select o.id, o.name, i.role from invitations i join organizations o on o.id ="
                + " i.organization_id where i.secret_hash = :hash and "
                + OPEN)
        .bind("hash", Digests.sha256(code))
        .map((row, c) -> Organizations.membership(row))
        .findOne();
  }

  /**
   * Makes the account a member. Of two who use a code at the same time, one is.
   *
   * @throws Refusal CODE_REFUSED, ALREADY_MEMBER
   */
  public static Membership accept(Handle handle, String code, UserId user) {
    Membership membership =
        handle
            .createQuery(ACCEPT)
            .bind("user", user.value())
            .bind("hash", Digests.sha256(code))
            .map((row, c) -> Organizations.membership(row))
            .findOne()
            .orElseThrow(Invitations::refused);
    if (Organizations.of(handle, user).stream().anyMatch(m -> m.id().equals(membership.id()))) {
      throw new Refusal(
          Reason.ALREADY_MEMBER, "you are a member of " + membership.name() + " already");
    }
    Organizations.join(handle, membership.id(), user, membership.role());
    return membership;
  }

  /** Deletes what tells nothing any more; to be called now and then. */
  public static void forget(Handle handle) {
    handle.execute("delete from invitations where expires_at < now() - interval '30 days'");
  }

  public static Refusal refused() {
    return new Refusal(
        Reason.CODE_REFUSED,
        "the invitation is not valid, is expired, was taken back or was accepted; ask for another one");
  }
}
