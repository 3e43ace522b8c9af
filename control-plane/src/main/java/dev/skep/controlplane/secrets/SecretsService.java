package dev.skep.controlplane.secrets;

import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.SecretId;
import dev.skep.controlplane.quota.Amounts;
import dev.skep.controlplane.quota.Quota;
import dev.skep.controlplane.quota.Resource;
import dev.skep.controlplane.services.SecretRollout;
import dev.skep.controlplane.services.SecretTurn;
import dev.skep.controlplane.vault.SecretValue;
import dev.skep.controlplane.vault.Vault;
import dev.skep.controlplane.workload.SecretRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** What users do with secrets; each use case is one transaction. */
final class SecretsService {
  private final Database database;
  private final Supplier<UUID> ids;
  private final NewSecrets creation;

  SecretsService(Database database, Supplier<UUID> ids, Vault vault) {
    this.database = database;
    this.ids = ids;
    this.creation = new NewSecrets(ids, vault);
  }

  /** A new version, and what it started. */
  record Rotated(SecretRecord secret, List<SecretRollout.Started> started) {}

  List<SecretRecord> list(OrganizationId organization, String after, int limit) {
    return database.read(h -> new SecretStore(h, organization).list(after, limit));
  }

  SecretRecord get(OrganizationId organization, String secret) {
    return database.inReadTransaction(
        handle -> {
          SecretStore store = new SecretStore(handle, organization);
          return whole(store, store.get(secret));
        });
  }

  SecretRecord create(NewSecrets.Author author, String name, SecretValue value) {
    List<FieldViolation> wrong = new ArrayList<>(SecretRules.name(name));
    wrong.addAll(SecretRules.size(value.size()));
    Refusal.ifAny(wrong);
    return database.inTransaction(
        handle -> {
          SecretId id = creation.write(handle, author, name, value);
          SecretStore store = new SecretStore(handle, author.organization());
          SecretRecord created = whole(store, store.get(id.toString()));
          Quota.reserve(handle, author.organization(), Amounts.of(Resource.SECRETS, 1));
          return created;
        });
  }

  /** {@code order} is empty when services take it with their next release. */
  Rotated addVersion(
      NewSecrets.Author author,
      String key,
      SecretValue value,
      Optional<SecretRollout.Order> order) {
    Refusal.ifAny(SecretRules.size(value.size()));
    return database.inTransaction(
        handle -> {
          SecretTurn.changing(handle, author.organization());
          SecretStore store = new SecretStore(handle, author.organization());
          SecretRecord secret = store.get(key);
          refuseWhatNoVariableTakes(store.users(secret.id()), value);
          int number = secret.lastVersion() + 1;
          store.add(secret.id(), creation.version(author, secret.id(), number, value));
          String cause = "given version " + number + " of secret " + secret.name();
          List<SecretRollout.Started> started =
              order.map(o -> roll(handle, author, secret.id(), o, cause)).orElse(List.of());
          return new Rotated(whole(store, store.get(secret.id().toString())), started);
        });
  }

  private List<SecretRollout.Started> roll(
      Handle handle,
      NewSecrets.Author author,
      SecretId secret,
      SecretRollout.Order order,
      String cause) {
    return new SecretRollout(handle, author.organization(), ids).roll(secret, order, cause);
  }

  /** Later it would refuse somebody who only wants to update a service. */
  private static void refuseWhatNoVariableTakes(List<SecretRecord.User> users, SecretValue value) {
    if (value.isText() && value.size() <= SecretRules.MAX_VARIABLE_BYTES) {
      return;
    }
    users.stream()
        .filter(user -> !user.variable().isEmpty())
        .findFirst()
        .ifPresent(
            user -> {
              throw Refusal.ofField(
                  Reason.INVALID_FIELD,
                  "value",
                  user.words()
                      + " has it as the variable "
                      + user.variable()
                      + ", which takes UTF-8 text without NUL of at most "
                      + SecretRules.MAX_VARIABLE_BYTES
                      + " bytes");
            });
  }

  /**
   * Deletes it with all versions.
   *
   * @throws Refusal SECRET_IN_USE saying by whom
   */
  void delete(OrganizationId organization, String key) {
    database.useTransaction(
        handle -> {
          SecretTurn.changing(handle, organization);
          SecretStore store = new SecretStore(handle, organization);
          SecretRecord secret = store.get(key);
          List<SecretRecord.User> users = store.users(secret.id());
          if (!users.isEmpty()) {
            throw new Refusal(
                Reason.SECRET_IN_USE,
                "the secret "
                    + secret.name()
                    + " is used by "
                    + users.stream()
                        .map(SecretRecord.User::words)
                        .distinct()
                        .limit(10)
                        .collect(joining(", "))
                    + "; delete the services, or update them without the secret, first");
          }
          store.delete(secret.id());
          Quota.reserve(handle, organization, Amounts.of(Resource.SECRETS, -1));
        });
  }

  private static SecretRecord whole(SecretStore store, SecretRecord secret) {
    return secret.with(store.versions(secret.id()), store.users(secret.id()));
  }
}
