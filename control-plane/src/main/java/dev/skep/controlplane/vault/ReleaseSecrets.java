package dev.skep.controlplane.vault;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.workload.SecretUse;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The secrets that releases have, opened at the moment in which somebody needs them. */
public final class ReleaseSecrets {
  private static final Logger log = LoggerFactory.getLogger(ReleaseSecrets.class);

  private static final String COLUMNS = "u.*, s.name, v.ciphertext, v.wrapped_key, v.key_id ";

  private static final String FROM =
      """
      from container_service_secrets u
      join container_secrets s on s.organization_id = u.organization_id and s.id = u.secret_id
      join container_secret_versions v
        on v.organization_id = u.organization_id and v.secret_id = u.secret_id and v.number = u.number
      """;

  /** What is larger is no password that a program prints. */
  private static final int MAX_REDACTED = 64 << 10;

  private final Vault vault;

  public ReleaseSecrets(MasterKey masterKey) {
    this.vault = new Vault(masterKey);
  }

  /**
   * One use of one version by one release.
   *
   * @param value empty when it cannot be opened, which says nothing about the others
   */
  public record Opened(
      UUID release, SecretAddress address, SecretUse use, Optional<SecretValue> value) {}

  /** Of these releases, in the order of their specs. */
  public List<Opened> of(Handle handle, Collection<UUID> releases) {
    if (releases.isEmpty()) {
      return List.of();
    }
    Map<SecretAddress, Optional<SecretValue>> opened = new HashMap<>();
    return handle
        .createQuery(
            "select "
                + COLUMNS
                + FROM
                + " where u.release_id = any(:releases) order by u.release_id, u.position")
        .bind("releases", releases.toArray(UUID[]::new))
        .map((row, c) -> opened(row, opened))
        .list();
  }

  /** The newest that a service's releases have, each version once; not files of great size. */
  List<Opened> ofService(Handle handle, UUID service, int limit) {
    Map<SecretAddress, Optional<SecretValue>> opened = new HashMap<>();
    return handle
        .createQuery(
            "select * from (select distinct on (u.secret_id, u.number) "
                + COLUMNS
                + FROM
                + " where u.service_id = :service and v.size_bytes <= :largest"
                + " order by u.secret_id, u.number) one order by number desc limit :limit")
        .bind("largest", MAX_REDACTED)
        .bind("service", service)
        .bind("limit", limit)
        .map((row, c) -> opened(row, opened))
        .list();
  }

  private Opened opened(ResultSet row, Map<SecretAddress, Optional<SecretValue>> known)
      throws SQLException {
    SecretAddress address =
        new SecretAddress(
            new OrganizationId(row.getObject("organization_id", UUID.class)),
            new SecretId(row.getObject("secret_id", UUID.class)),
            row.getInt("number"));
    SealedSecret sealed = SealedSecret.of(row);
    return new Opened(
        row.getObject("release_id", UUID.class),
        address,
        use(row),
        known.computeIfAbsent(address, a -> open(sealed, a)));
  }

  /** One that does not open must not keep all others from everybody. */
  private Optional<SecretValue> open(SealedSecret sealed, SecretAddress address) {
    try {
      return Optional.of(vault.open(sealed, address));
    } catch (IllegalStateException e) {
      log.error(
          "version {} of secret {} cannot be opened, it was sealed under {}: {}",
          address.number(),
          address.secret(),
          sealed.keyId(),
          e.getMessage());
      return Optional.empty();
    }
  }

  private static SecretUse use(ResultSet row) throws SQLException {
    return new SecretUse(
        row.getString("name"),
        row.getString("variable"),
        row.getString("path"),
        row.getInt("mode"),
        row.getInt("uid"),
        row.getInt("gid"));
  }
}
