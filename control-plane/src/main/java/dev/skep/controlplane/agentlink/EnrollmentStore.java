package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.EnrollRequest;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.kernel.Digests;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.JoinTokens;
import dev.skep.controlplane.state.Change;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Trades a join token for a row, in one transaction. */
final class EnrollmentStore {
  private static final String INSERT =
      """
      insert into container_workers (id, cluster_id, name, roles, labels, facts, public_key_hash, join_token_id)
      values (:id, :cluster, :name, :roles, :labels::jsonb, :facts::jsonb, :key, :token)
      on conflict (name) do nothing
      """;

  private final Database database;
  private final Supplier<UUID> ids;
  private final InstantSource clock;

  EnrollmentStore(Database database, Supplier<UUID> ids, InstantSource clock) {
    this.database = database;
    this.ids = ids;
    this.clock = clock;
  }

  /** The same token with the same key gives the same worker again: an answer may have been lost. */
  WorkerId enroll(EnrollRequest request) {
    byte[] key = Digests.sha256(request.getPublicKey().toByteArray());
    return database.inTransaction(
        handle -> {
          JoinTokens.Token token = JoinTokens.find(handle, request.getJoinToken(), clock.instant());
          Optional<WorkerId> known = enrolled(handle, token, key);
          return known.isPresent() ? known.get() : insert(handle, token, key, request);
        });
  }

  /** Whether a worker that was not removed has this key. */
  boolean hasKey(WorkerId worker, byte[] publicKey) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select exists (select 1 from container_workers where id = :id"
                        + " and public_key_hash = :key and availability <> 'REMOVED')")
                .bind("id", worker.value())
                .bind("key", Digests.sha256(publicKey))
                .mapTo(Boolean.class)
                .one());
  }

  /** A renewed certificate has another key. */
  void changeKey(WorkerId worker, byte[] publicKey) {
    int rows =
        database.inTransaction(
            handle ->
                handle
                    .createUpdate(
                        "update container_workers set public_key_hash = :key,"
                            + " renewed_generation = certificate_generation where id = :id"
                            + " and availability <> 'REMOVED'")
                    .bind("key", Digests.sha256(publicKey))
                    .bind("id", worker.value())
                    .execute());
    if (rows == 0) {
      throw WorkerStore.deleted();
    }
  }

  private static Optional<WorkerId> enrolled(Handle handle, JoinTokens.Token token, byte[] key) {
    return handle
        .createQuery(
            "select id from container_workers where public_key_hash = :key and join_token_id = :token")
        .bind("key", key)
        .bind("token", token.id())
        .mapTo(UUID.class)
        .findOne()
        .map(WorkerId::new);
  }

  private static boolean keyIsKnown(Handle handle, byte[] key) {
    return handle
        .createQuery("select exists (select 1 from container_workers where public_key_hash = :key)")
        .bind("key", key)
        .mapTo(Boolean.class)
        .one();
  }

  private WorkerId insert(
      Handle handle, JoinTokens.Token token, byte[] key, EnrollRequest request) {
    JoinTokens.take(handle, token);
    WorkerId worker = new WorkerId(ids.get());
    if (keyIsKnown(handle, key)) {
      throw Refusal.ofField(
          Reason.INVALID_FIELD, "public_key", "belongs to another worker; make a new key");
    }
    int rows =
        handle
            .createUpdate(INSERT)
            .bind("id", worker.value())
            .bind("cluster", token.cluster().value())
            .bind("name", request.getName())
            .bind("roles", token.roles())
            .bind("labels", Json.write(request.getLabelsMap()))
            .bind("facts", Json.write(WorkerStore.facts(request.getFacts())))
            .bind("key", key)
            .bind("token", token.id())
            .execute();
    if (rows == 0) {
      throw Refusal.ofField(
          Reason.NAME_TAKEN,
          "name",
          "a worker \""
              + request.getName()
              + "\" exists; choose another name or delete that worker");
    }
    new Change(Change.Topic.CLUSTER, token.cluster().value()).announce(handle);
    return worker;
  }
}
