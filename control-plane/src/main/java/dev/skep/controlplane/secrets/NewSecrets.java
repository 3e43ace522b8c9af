package dev.skep.controlplane.secrets;

import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.vault.SecretAddress;
import dev.skep.controlplane.vault.SecretValue;
import dev.skep.controlplane.vault.Vault;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Makes secrets in somebody's transaction, which takes the quota for them at its end. */
public final class NewSecrets {
  private final Supplier<UUID> ids;
  private final Vault vault;

  NewSecrets(Supplier<UUID> ids, Vault vault) {
    this.ids = ids;
    this.vault = vault;
  }

  /** Whose secret, and who gives it a value. */
  public record Author(OrganizationId organization, String name) {}

  /**
   * Writes a secret with its first version, which breaks no rule.
   *
   * @throws dev.skep.controlplane.kernel.Refusal NAME_TAKEN
   */
  public SecretId write(Handle handle, Author author, String name, SecretValue value) {
    SecretId id = new SecretId(ids.get());
    SecretStore store = new SecretStore(handle, author.organization);
    store.create(id, name);
    store.add(id, version(author, id, 1, value));
    return id;
  }

  /**
   * For somebody who only wants to know: writing finds out by itself.
   *
   * @throws dev.skep.controlplane.kernel.Refusal NAME_TAKEN
   */
  public static void checkFree(Handle handle, OrganizationId organization, String name) {
    new SecretStore(handle, organization).checkFree(name);
  }

  SecretStore.NewVersion version(Author author, SecretId id, int number, SecretValue value) {
    SecretAddress address = new SecretAddress(author.organization, id, number);
    return new SecretStore.NewVersion(number, vault.seal(value, address), value, author.name);
  }
}
