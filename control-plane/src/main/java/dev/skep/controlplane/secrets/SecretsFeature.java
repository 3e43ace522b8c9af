package dev.skep.controlplane.secrets;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.vault.Vault;
import io.grpc.BindableService;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/** How to build the secrets API, its chores, and what makes secrets for others. */
public final class SecretsFeature {
  private final Database database;
  private final Supplier<UUID> ids;
  private final Vault vault;

  public SecretsFeature(Database database, Supplier<UUID> ids, MasterKey masterKey) {
    this.database = database;
    this.ids = ids;
    this.vault = new Vault(masterKey);
  }

  public List<BindableService> apis() {
    return List.of(new SecretsApi(new SecretsService(database, ids, vault)));
  }

  public NewSecrets creation() {
    return new NewSecrets(ids, vault);
  }

  /** Deletes versions that nothing needs, and seals anew what an old master key seals. */
  public void maintain() {
    SecretChores chores = new SecretChores(database, vault);
    chores.expire();
    chores.rewrap();
  }
}
