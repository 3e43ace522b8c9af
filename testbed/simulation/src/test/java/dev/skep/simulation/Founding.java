package dev.skep.simulation;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.WorkerId;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.function.Supplier;

/** A cluster with workers that have enrolled and said nothing yet. */
final class Founding {
  private final Database database;
  private final Supplier<UUID> ids;
  private final UUID cluster;
  private final UUID token;
  private final OrganizationId organization;

  Founding(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
    this.cluster = ids.get();
    this.token = ids.get();
    this.organization = new OrganizationId(ids.get());
    database.useTransaction(
        h -> {
          h.execute("insert into clusters (id, name) values (?, 'default')", cluster);
          h.execute(
              "insert into organizations (id, name) values (?, 'acme')", organization.value());
          h.execute(
              "insert into join_tokens (id, cluster_id, secret_hash, roles, uses_left, expires_at)"
                  + " values (?, ?, '', '{}', 0, now())",
              token,
              cluster);
        });
  }

  OrganizationId organization() {
    return organization;
  }

  WorkerId worker(String name, WorkerFacts facts) {
    WorkerId id = new WorkerId(ids.get());
    database.useTransaction(
        h ->
            h.execute(
                "insert into container_workers (id, cluster_id, name, roles, facts,"
                    + " public_key_hash, join_token_id) values (?, ?, ?, '{MANAGER,RUN}',"
                    + " ?::jsonb, ?, ?)",
                id.value(),
                cluster,
                name,
                Json.write(facts),
                name.getBytes(StandardCharsets.UTF_8),
                token));
    return id;
  }
}
