package dev.skep.controlplane.secrets;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.vault.SealedSecret;
import dev.skep.controlplane.vault.SecretValue;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** Secrets of one organization. */
final class SecretStore {
  /** Releases that run, shall run, ran last, or are under way. */
  private static final String USERS =
      """
      select s.id, s.name, r.number as release, u.number as version, u.variable, u.path
      from container_service_secrets u
      join releases r on r.organization_id = u.organization_id and r.id = u.release_id
      join container_services s on s.organization_id = u.organization_id and s.id = u.service_id
      where u.organization_id = :organization and u.secret_id = :secret
        and (r.id in (s.release_id, s.good_release_id)
             or exists (select 1 from placements p where p.release_id = r.id)
             or exists (select 1 from container_deployments d where d.release_id = r.id and d.ended_at is null))
      order by s.name, r.number, u.position
      """;

  private static final String VERSIONS =
      """
      select *, superseded_at + :retention * interval '1 second' as keep_until
      from container_secret_versions
      where organization_id = :organization and secret_id = :secret
      order by number desc
      """;

  private static final String ADD_VERSION =
      """
      insert into container_secret_versions
        (organization_id, secret_id, number, ciphertext, wrapped_key, key_id, size_bytes, is_text, created_by)
      values (:organization, :secret, :number, :ciphertext, :wrapped, :key, :bytes, :text, :by)
      """;

  private final Handle handle;
  private final OrganizationId organization;

  SecretStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /** By name, starting after one. */
  List<SecretRecord> list(String after, int limit) {
    return handle
        .createQuery(
            "select * from container_secrets where organization_id = :organization and name > :after"
                + " order by name limit :limit")
        .bind("organization", organization.value())
        .bind("after", after)
        .bind("limit", limit)
        .map((row, c) -> record(row))
        .list();
  }

  /**
   * One secret, by id or name.
   *
   * @throws Refusal SECRET_NOT_FOUND also when it belongs to somebody else
   */
  SecretRecord get(String key) {
    boolean isId = Paging.ID.matcher(key).matches();
    return handle
        .createQuery(
            "select * from container_secrets where organization_id = :organization and "
                + (isId ? "id = :key::uuid" : "name = :key"))
        .bind("organization", organization.value())
        .bind("key", key)
        .map((row, c) -> record(row))
        .findOne()
        .orElseThrow(() -> notFound(key));
  }

  private static Refusal notFound(String key) {
    String shown = key.length() > 70 ? key.substring(0, 70) + "…" : key;
    return new Refusal(Reason.SECRET_NOT_FOUND, "there is no secret \"" + shown + "\"");
  }

  List<SecretRecord.Version> versions(SecretId secret) {
    return handle
        .createQuery(VERSIONS)
        .bind("organization", organization.value())
        .bind("secret", secret.value())
        .bind("retention", SecretChores.RETENTION.toSeconds())
        .map((row, c) -> version(row))
        .list();
  }

  List<SecretRecord.User> users(SecretId secret) {
    return handle
        .createQuery(USERS)
        .bind("organization", organization.value())
        .bind("secret", secret.value())
        .map((row, c) -> user(row))
        .list();
  }

  /**
   * Writes the row; its first version comes next.
   *
   * @throws Refusal NAME_TAKEN
   */
  void create(SecretId id, String name) {
    try {
      handle.execute(
          "insert into container_secrets (id, organization_id, name, last_version) values (?, ?, ?, 0)",
          id.value(),
          organization.value(),
          name);
    } catch (UnableToExecuteStatementException e) {
      if (Database.brokenConstraint(e)
          .filter("container_secrets_organization_id_name_key"::equals)
          .isPresent()) {
        throw nameTaken(name);
      }
      throw e;
    }
  }

  /**
   * Whether one could be created.
   *
   * @throws Refusal NAME_TAKEN
   */
  void checkFree(String name) {
    boolean taken =
        handle
            .createQuery(
                "select exists (select 1 from container_secrets where organization_id = :organization and name = :name)")
            .bind("organization", organization.value())
            .bind("name", name)
            .mapTo(Boolean.class)
            .one();
    if (taken) {
      throw nameTaken(name);
    }
  }

  private static Refusal nameTaken(String name) {
    return Refusal.ofField(
        Reason.NAME_TAKEN,
        "name",
        "a secret \"" + name + "\" exists; give it another value: skep secrets rotate " + name);
  }

  /** A version and what may be known of it. */
  record NewVersion(int number, SealedSecret sealed, SecretValue value, String by) {}

  /** Makes it the newest one. */
  void add(SecretId secret, NewVersion version) {
    handle.execute(
        "update container_secret_versions set superseded_at = now()"
            + " where organization_id = ? and secret_id = ? and superseded_at is null",
        organization.value(),
        secret.value());
    handle
        .createUpdate(ADD_VERSION)
        .bind("organization", organization.value())
        .bind("secret", secret.value())
        .bind("number", version.number)
        .bind("ciphertext", version.sealed.ciphertext())
        .bind("wrapped", version.sealed.wrappedKey())
        .bind("key", version.sealed.keyId())
        .bind("bytes", version.value.size())
        .bind("text", version.value.isText())
        .bind("by", version.by)
        .execute();
    handle.execute(
        "update container_secrets set last_version = ? where organization_id = ? and id = ?",
        version.number,
        organization.value(),
        secret.value());
  }

  /** With it go the releases that could only have been rolled back to. */
  void delete(SecretId secret) {
    handle.execute(
        """
        update releases set kept = false
        where organization_id = ? and kept
          and id in (select release_id from container_service_secrets where organization_id = ? and secret_id = ?)
        """,
        organization.value(),
        organization.value(),
        secret.value());
    handle.execute(
        "delete from container_service_secrets where organization_id = ? and secret_id = ?",
        organization.value(),
        secret.value());
    handle.execute(
        "delete from container_secrets where organization_id = ? and id = ?",
        organization.value(),
        secret.value());
  }

  private static SecretRecord record(ResultSet row) throws SQLException {
    return new SecretRecord(
        new SecretId(row.getObject("id", UUID.class)),
        row.getString("name"),
        row.getInt("last_version"),
        row.getTimestamp("created_at").toInstant(),
        row.getTimestamp("updated_at").toInstant(),
        List.of(),
        List.of());
  }

  private static SecretRecord.Version version(ResultSet row) throws SQLException {
    Timestamp keepUntil = row.getTimestamp("keep_until");
    return new SecretRecord.Version(
        row.getInt("number"),
        row.getInt("size_bytes"),
        row.getString("created_by"),
        row.getTimestamp("created_at").toInstant(),
        keepUntil == null ? null : keepUntil.toInstant());
  }

  private static SecretRecord.User user(ResultSet row) throws SQLException {
    return new SecretRecord.User(
        row.getString("id"),
        row.getString("name"),
        row.getInt("release"),
        row.getInt("version"),
        row.getString("variable"),
        row.getString("path"));
  }
}
