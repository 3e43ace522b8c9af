package dev.skep.controlplane.workers;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.pki.JoinTokens;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Workers and join tokens. Workers belong to the platform, not to an organization. */
final class WorkerQueries {
  private final Database database;
  private final Supplier<UUID> ids;
  private final String caPin;

  WorkerQueries(Database database, Supplier<UUID> ids, String caPin) {
    this.database = database;
    this.ids = ids;
    this.caPin = caPin;
  }

  /** Those that fit as far as the database can tell, by name. */
  List<WorkerRecord> list(String after, WorkerFilter filter, int limit) {
    return database.read(
        h ->
            h.createQuery(
                    """
                    select * from container_workers
                    where name > :after and starts_with(name, :prefix)
                      and labels @> :labels::jsonb and jsonb_exists_all(labels, :present)
                    order by name limit :limit
                    """)
                .bind("after", after)
                .bind("prefix", filter.namePrefix())
                .bind("labels", Json.write(filter.labels()))
                .bind("present", filter.present().toArray(String[]::new))
                .bind("limit", limit)
                .map((row, c) -> WorkerRecord.of(row))
                .list());
  }

  WorkerRecord get(String idOrName) {
    return database.read(h -> find(h, idOrName));
  }

  JoinTokens.Created createToken(Set<WorkerRole> roles, int uses, Instant expiresAt) {
    return database.inTransaction(
        handle -> {
          ClusterId cluster =
              handle
                  .createQuery("select id from clusters where name = 'default'")
                  .mapTo(UUID.class)
                  .map(ClusterId::new)
                  .one();
          var terms = new JoinTokens.Terms(ids.get(), cluster, roles, uses, expiresAt);
          return JoinTokens.create(handle, terms, caPin);
        });
  }

  void revokeToken(String id) {
    boolean found =
        id.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
            && database.inTransaction(handle -> JoinTokens.revoke(handle, UUID.fromString(id)));
    if (!found) {
      throw new Refusal(Reason.JOIN_TOKEN_NOT_FOUND, "there is no such join token");
    }
  }

  static WorkerRecord find(Handle handle, String idOrName) {
    return handle
        .createQuery("select * from container_workers where id::text = :key or name = :key")
        .bind("key", idOrName)
        .map((row, c) -> WorkerRecord.of(row))
        .findOne()
        .orElseThrow(
            () -> new Refusal(Reason.WORKER_NOT_FOUND, "there is no worker \"" + idOrName + "\""));
  }
}
