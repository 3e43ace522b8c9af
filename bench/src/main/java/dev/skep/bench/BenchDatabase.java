package dev.skep.bench;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.EmbeddedDatabase;
import dev.skep.controlplane.db.IdSource;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.tenancy.FirstStart;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** A PostgreSQL as ./skep up starts it, with rows as users and agents leave them. */
final class BenchDatabase implements AutoCloseable {
  static final String A_TENTH = "name like 'w%0'";

  private static final Resources MACHINE = Fleets.EACH.times(4_000);

  private final Database database;
  private final Runnable end;
  private final IdSource ids = new IdSource();
  private final UUID cluster;
  private final UUID organization;

  /** A server of its own, with a cluster and an organization. */
  BenchDatabase(Path directory) {
    EmbeddedDatabase server = EmbeddedDatabase.start(directory);
    // Whatever ends the benchmark; a second time does nothing.
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "postgres-stop"));
    database = Database.open(server.url());
    end =
        () -> {
          server.close();
          delete(directory);
        };
    cluster = ids.get();
    organization = ids.get();
    execute("insert into clusters (id, name) values (?, 'default')", cluster);
    execute("insert into organizations (id, name) values (?, 'bench')", organization);
    joinToken();
  }

  /** That of a control plane which is not there yet, after its first start; it stays. */
  BenchDatabase(ControlPlaneProcess.Data data) {
    EmbeddedDatabase server = EmbeddedDatabase.start(data.database());
    Runtime.getRuntime().addShutdownHook(new Thread(server::close, "postgres-stop"));
    database = Database.open(server.url());
    end = server::close;
    FirstStart.ensure(database, ids, data.tokenFile());
    cluster = list(UUID.class, "select id from clusters").getFirst();
    organization = list(UUID.class, "select id from organizations").getFirst();
    joinToken();
  }

  private void joinToken() {
    execute(
        "insert into join_tokens (id, cluster_id, secret_hash, roles, uses_left, expires_at)"
            + " values (?, ?, '', '{}', 0, now())",
        ids.get(),
        cluster);
  }

  Database database() {
    return database;
  }

  IdSource ids() {
    return ids;
  }

  void execute(String sql, Object... arguments) {
    database.useTransaction(h -> h.execute(sql, arguments));
  }

  <T> List<T> list(Class<T> type, String sql, Object... arguments) {
    return database.read(h -> h.select(sql, arguments).mapTo(type).list());
  }

  long number(String sql) {
    return list(Long.class, sql).getFirst();
  }

  /** Online, and too large to become full. */
  void workers(int count) {
    WorkerFacts facts =
        new WorkerFacts("h", "10.0.0.1", "linux", "", "amd64", MACHINE, 0, 0, "", "", "", true);
    execute(
        "insert into container_workers (id, cluster_id, name, roles, facts, public_key_hash,"
            + " join_token_id, swarm_node_id, swarm_node_state, connected)"
            + " select gen_random_uuid(), ?, 'w' || n, '{RUN}', ?::jsonb, n::text::bytea,"
            + " (select id from join_tokens limit 1), 'node-' || n, 'ready', true"
            + " from generate_series(1, ?) n",
        cluster,
        Json.write(facts),
        count);
  }

  /** As calls of CreateService leave them: a release and a pending deployment each. */
  List<ServiceId> services(int count, int replicas) {
    database.useTransaction(
        h -> {
          h.execute(
              "insert into container_services (id, organization_id, cluster_id, name, wanted,"
                  + " replicas, release_id) select gen_random_uuid(), ?, ?, 's' || n, 'RUNNING', ?,"
                  + " gen_random_uuid() from generate_series(1, ?) n",
              organization,
              cluster,
              replicas,
              count);
          h.execute(
              "insert into releases (id, organization_id, service_id, number, image_digest, spec)"
                  + " select release_id, organization_id, id, 1, ?, ?::jsonb from container_services",
              "sha256:" + "0".repeat(64),
              Json.write(spec()));
          h.execute(
              "insert into container_deployments (id, organization_id, service_id, release_id,"
                  + " state, cause) select gen_random_uuid(), organization_id, id, release_id,"
                  + " 'PENDING', 'created' from container_services");
        });
    execute("analyze");
    return list(UUID.class, "select id from container_services").stream()
        .map(ServiceId::new)
        .toList();
  }

  private static ServiceSpec spec() {
    return new ServiceSpec(
        "registry.example.com/app:1",
        List.of(),
        List.of(),
        Map.of(),
        Fleets.EACH,
        List.of(),
        null,
        Map.of(),
        List.of(),
        Set.of(),
        List.of(),
        List.of());
  }

  /** The services have run for a while, all of them on a tenth of the workers. */
  void settleOnATenth() {
    database.useTransaction(
        h -> {
          h.execute(
              "with lost as (select id, row_number() over (order by name) - 1 as n"
                  + " from container_workers where "
                  + A_TENTH
                  + "), service as (select s.*, row_number() over () as n from container_services s)"
                  + " insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
                  + " release_id, replicas, restart_generation, revision, cpu_millis, memory_bytes,"
                  + " pinned_node, generation, observed_generation, observed_state, observed_tasks)"
                  + " select gen_random_uuid(), s.organization_id, s.id, s.cluster_id, l.id,"
                  + " s.release_id, 1, 0, 1, ?, ?, 'node', 1, 1, 'APPLIED', ?::jsonb"
                  + " from service s join lost l on l.n = s.n % (select count(*) from lost)",
              Fleets.EACH.cpuMillis(),
              Fleets.EACH.memoryBytes(),
              Json.write(List.of(new Task("t", 1, "c", "running", true, "", Fleets.NOW))));
          h.execute("update container_services set good_release_id = release_id");
          h.execute("update container_deployments set state = 'RUNNING', ended_at = now()");
          h.execute(
              "update container_workers w set replicas = p.n, reserved_cpu_millis = p.cpu,"
                  + " reserved_memory_bytes = p.memory from (select worker_id, count(*) as n,"
                  + " sum(cpu_millis) as cpu, sum(memory_bytes) as memory from placements"
                  + " group by worker_id) p where p.worker_id = w.id");
          h.execute(
              "insert into worker_images (worker_id, image, revision, observed_state)"
                  + " select distinct p.worker_id, r.image, 1, 'APPLIED'"
                  + " from placements p join releases r on r.id = p.release_id");
        });
    execute("analyze");
  }

  /** Another control plane leads, for as long as anything is measured. */
  void ledByAnother() {
    execute(
        "insert into leases (name, holder, epoch, expires_at)"
            + " values ('leader', gen_random_uuid(), 1, now() + interval '1 hour')");
  }

  /** What PostgreSQL would do in its own time, which must not be while something is measured. */
  void tidy() {
    // Outside of a transaction, as it must be.
    database.read(h -> h.execute("vacuum analyze"));
    database.read(h -> h.execute("checkpoint"));
  }

  /** Of services and what they have; workers stay. */
  void clear() {
    for (String table :
        List.of("placements", "deployment_events", "container_deployments", "worker_images")) {
      execute("truncate " + table + " cascade");
    }
    execute("update container_services set release_id = null");
    execute("truncate container_services, releases cascade");
    execute(
        "update container_workers set reserved_cpu_millis = 0, reserved_memory_bytes = 0, replicas = 0");
    execute("update container_workers set last_heartbeat_at = now()");
    // Outside of a transaction, as it must be.
    database.read(h -> h.execute("vacuum container_workers"));
  }

  @Override
  public void close() {
    database.close();
    end.run();
  }

  /** Nothing of it stays: it may be gigabytes. */
  private static void delete(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
