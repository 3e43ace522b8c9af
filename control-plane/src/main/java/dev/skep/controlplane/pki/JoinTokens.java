package dev.skep.controlplane.pki;

import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** Tokens that let machines join: stored hashed, counted, expiring, revocable. */
public final class JoinTokens {
  private static final Pattern FORMAT =
      Pattern.compile(
          "skj1\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.([0-9a-f]{64})\\.[0-9a-f]{64}");
  private static final String WRONG =
      "the join token is not valid; make a new one with: skep workers token";

  private JoinTokens() {}

  /** Who may join with a token, how often and until when. */
  public record Terms(
      UUID id, ClusterId cluster, Set<WorkerRole> roles, int uses, Instant expiresAt) {}

  /** A token as it is shown, once. */
  public record Created(UUID id, String token) {}

  /** What a token stands for. */
  public record Token(UUID id, ClusterId cluster, String[] roles, boolean usable) {}

  /** Writes a new token. */
  public static Created create(Handle handle, Terms terms, String pin) {
    UUID id = terms.id();
    String secret = Secrets.next();
    handle
        .createUpdate(
            """
            insert into join_tokens (id, cluster_id, secret_hash, roles, uses_left, expires_at)
            values (:id, :cluster, :hash, :roles, :uses, :expires)
            """)
        .bind("id", id)
        .bind("cluster", terms.cluster().value())
        .bind("hash", Digests.sha256(secret))
        .bind("roles", terms.roles().stream().map(Enum::name).toArray(String[]::new))
        .bind("uses", terms.uses())
        .bind("expires", terms.expiresAt())
        .execute();
    return new Created(id, "skj1." + id + "." + secret + "." + pin);
  }

  /**
   * Looks a token up and holds it until the transaction ends, so that it is never used twice at
   * once.
   *
   * @throws Refusal when there is no such token or its secret is wrong
   */
  public static Token find(Handle handle, String text, Instant now) {
    Matcher parts = FORMAT.matcher(text);
    if (!parts.matches()) {
      throw new Refusal(Reason.JOIN_TOKEN_REFUSED, WRONG);
    }
    UUID id = UUID.fromString(parts.group(1));
    byte[] hash = Digests.sha256(parts.group(2));
    Optional<Token> token =
        handle
            .createQuery("select * from join_tokens where id = :id for update")
            .bind("id", id)
            .map(
                (row, c) ->
                    MessageDigest.isEqual(hash, row.getBytes("secret_hash"))
                        ? new Token(
                            id,
                            new ClusterId(row.getObject("cluster_id", UUID.class)),
                            (String[]) row.getArray("roles").getArray(),
                            row.getInt("uses_left") > 0
                                && row.getTimestamp("expires_at").toInstant().isAfter(now)
                                && row.getTimestamp("revoked_at") == null)
                        : null)
            .stream()
            .filter(java.util.Objects::nonNull)
            .findFirst();
    return token.orElseThrow(() -> new Refusal(Reason.JOIN_TOKEN_REFUSED, WRONG));
  }

  /**
   * Takes one use.
   *
   * @throws Refusal when the token is expired, used up or revoked
   */
  public static void take(Handle handle, Token token) {
    if (!token.usable()) {
      throw new Refusal(
          Reason.JOIN_TOKEN_REFUSED,
          "the join token is expired, used up or revoked; make a new one with: skep workers token");
    }
    handle
        .createUpdate("update join_tokens set uses_left = uses_left - 1 where id = :id")
        .bind("id", token.id())
        .execute();
  }

  /** False when there is no such token. */
  public static boolean revoke(Handle handle, UUID id) {
    return handle
            .createUpdate(
                "update join_tokens set revoked_at = coalesce(revoked_at, now()) where id = :id")
            .bind("id", id)
            .execute()
        == 1;
  }
}
