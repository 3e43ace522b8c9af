package dev.skep.controlplane.secrets;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.vault.SealedSecret;
import dev.skep.controlplane.vault.SecretAddress;
import dev.skep.controlplane.vault.Vault;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes old versions, and seals anew what is sealed under an old master key. */
final class SecretChores {
  /** How long a superseded version stays at least. */
  static final Duration RETENTION = Duration.ofDays(30);

  static final int BATCH = 100;

  private static final Logger log = LoggerFactory.getLogger(SecretChores.class);

  /** Nobody can roll back to them, and nothing of them runs. */
  private static final String FORGET =
      "delete from container_service_secrets u using releases r"
          + " where r.organization_id = u.organization_id and r.id = u.release_id and not r.kept";

  private static final String EXPIRE =
      """
      delete from container_secret_versions v
      where v.superseded_at < clock_timestamp() - :retention * interval '1 second'
        and not exists (select 1 from container_service_secrets u
                        where u.organization_id = v.organization_id and u.secret_id = v.secret_id and u.number = v.number)
      """;

  private static final String OLD_KEYS =
      """
      select * from container_secret_versions
      where key_id <> :key and (organization_id, secret_id, number) > (:organization, :secret, :number)
      order by organization_id, secret_id, number limit :limit for update skip locked
      """;

  private static final UUID FIRST = new UUID(0, 0);

  private final Database database;
  private final Vault vault;

  SecretChores(Database database, Vault vault) {
    this.database = database;
    this.vault = vault;
  }

  /** May run on several control planes at once. */
  void expire() {
    database.useTransaction(
        handle -> {
          handle.execute(FORGET);
          handle.createUpdate(EXPIRE).bind("retention", RETENTION.toSeconds()).execute();
        });
  }

  /** Goes on where it was interrupted: what is done has the new key's id. */
  void rewrap() {
    SecretAddress after = new SecretAddress(new OrganizationId(FIRST), new SecretId(FIRST), 0);
    List<SecretAddress> done;
    do {
      SecretAddress from = after;
      done = database.inTransaction(handle -> batch(handle, from));
      after = done.isEmpty() ? after : done.getLast();
    } while (done.size() == BATCH);
  }

  private List<SecretAddress> batch(Handle handle, SecretAddress after) {
    return handle
        .createQuery(OLD_KEYS)
        .bind("key", vault.keyId())
        .bind("organization", after.organization().value())
        .bind("secret", after.secret().value())
        .bind("number", after.number())
        .bind("limit", BATCH)
        .map(
            (row, c) ->
                rewrap(
                    handle,
                    new SecretAddress(
                        new OrganizationId(row.getObject("organization_id", UUID.class)),
                        new SecretId(row.getObject("secret_id", UUID.class)),
                        row.getInt("number")),
                    SealedSecret.of(row)))
        .list();
  }

  private SecretAddress rewrap(Handle handle, SecretAddress address, SealedSecret old) {
    try {
      SealedSecret now = vault.rewrap(old, address);
      handle.execute(
          "update container_secret_versions set wrapped_key = ?, key_id = ?"
              + " where organization_id = ? and secret_id = ? and number = ?",
          now.wrappedKey(),
          now.keyId(),
          address.organization().value(),
          address.secret().value(),
          address.number());
    } catch (IllegalStateException e) {
      // The others can be saved.
      log.error("version {} of secret {}: {}", address.number(), address.secret(), e.getMessage());
    }
    return address;
  }
}
