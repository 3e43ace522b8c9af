package dev.skep.controlplane.tenancy;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Caller;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.pki.Secrets;
import java.security.MessageDigest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/** Who a token belongs to. Only hashes of tokens are stored. */
public final class ApiTokens {
  private static final Pattern FORMAT = Pattern.compile("skp_([0-9a-f]{32})_([0-9a-f]{64})");
  private static final String FIND =
      """
      select t.secret_hash, t.name, o.id as organization_id, o.name as organization_name
      from api_tokens t join organizations o on o.id = t.organization_id
      where t.id = :id and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())
      """;

  private final Database database;

  public ApiTokens(Database database) {
    this.database = database;
  }

  /**
   * The caller behind an {@code authorization} header.
   *
   * @throws Refusal TOKEN_REQUIRED without a header, TOKEN_REFUSED when it is not a valid token
   */
  public Caller authenticate(Optional<String> authorization) {
    String header =
        authorization.orElseThrow(
            () ->
                new Refusal(
                    Reason.TOKEN_REQUIRED,
                    "this call needs a token; send the header: authorization: Bearer skp_…"));
    String token = header.regionMatches(true, 0, "Bearer ", 0, 7) ? header.substring(7).trim() : "";
    Matcher parts = FORMAT.matcher(token);
    if (!parts.matches()) {
      throw refused();
    }
    byte[] hash = Digests.sha256(parts.group(2));
    return database
        .read(
            h ->
                h.createQuery(FIND)
                    .bind("id", uuid(parts.group(1)))
                    .map((row, c) -> Optional.ofNullable(matching(row, hash)))
                    .findOne()
                    .flatMap(found -> found))
        .orElseThrow(ApiTokens::refused);
  }

  /** Writes a token and returns its text, which is never seen again. */
  static String create(
      Handle handle, UUID id, OrganizationId organization, UUID user, String name) {
    String secret = Secrets.next();
    handle
        .createUpdate(
            """
            insert into api_tokens (id, organization_id, user_id, name, secret_hash)
            values (:id, :organization, :user, :name, :hash)
            """)
        .bind("id", id)
        .bind("organization", organization.value())
        .bind("user", user)
        .bind("name", name)
        .bind("hash", Digests.sha256(secret))
        .execute();
    return "skp_" + id.toString().replace("-", "") + "_" + secret;
  }

  private static @org.jspecify.annotations.Nullable Caller matching(ResultSet row, byte[] hash)
      throws SQLException {
    if (!MessageDigest.isEqual(hash, row.getBytes("secret_hash"))) {
      return null;
    }
    return new Caller(
        new OrganizationId(row.getObject("organization_id", UUID.class)),
        row.getString("organization_name"),
        row.getString("name"));
  }

  private static Refusal refused() {
    return new Refusal(
        Reason.TOKEN_REFUSED, "the token is not valid, is expired or was revoked; log in again");
  }

  private static UUID uuid(String hex) {
    return UUID.fromString(hex.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"));
  }
}
