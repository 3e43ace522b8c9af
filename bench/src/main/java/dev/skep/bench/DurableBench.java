package dev.skep.bench;

import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.reconcile.Reconciler;
import dev.skep.controlplane.reconcile.ServicePlan;
import dev.skep.controlplane.reconcile.Situation;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** Placements that the leader has committed, beside rows that are merely inserted. */
final class DurableBench {
  static final int PASS = 1_000;

  private final BenchDatabase postgres;
  private final LeaderLease lease;
  private final ClusterState state;

  DurableBench(BenchDatabase postgres, LeaderLease lease) {
    this.postgres = postgres;
    this.lease = lease;
    this.state = new ClusterState(postgres.database(), lease, postgres.ids());
    postgres.execute(
        "create table if not exists bare (like placements including defaults including constraints)");
  }

  /** What one run took. */
  record Run(int rows, double seconds) {
    double perSecond() {
      return rows / seconds;
    }
  }

  /** All services in passes of as many as the leader takes, each a transaction. */
  Run placed(int services, int replicas) {
    postgres.clear();
    List<ServiceId> ids = postgres.services(services, replicas);
    if (lease.epoch() == 0) {
      throw new IllegalStateException("not the leader");
    }
    long start = System.nanoTime();
    for (int from = 0; from < ids.size(); from += PASS) {
      state.advance(ids.subList(from, Math.min(from + PASS, ids.size())), DurableBench::plan);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    check(services, replicas);
    return new Run(services * replicas, seconds);
  }

  static List<ServicePlan> plan(Snapshot snapshot) {
    var cluster = snapshot.services().getFirst().cluster();
    Situation situation = snapshot.situation(cluster, Instant.now(), Duration.ofHours(1));
    return snapshot.services().stream().map(view -> Reconciler.step(view, situation)).toList();
  }

  /** Every replica has a worker, equal workers have equal loads, and each service its event. */
  private void check(int services, int replicas) {
    long placed = postgres.number("select coalesce(sum(replicas), 0)::bigint from placements");
    long uneven = postgres.number("select max(replicas) - min(replicas) from container_workers");
    long wrong =
        postgres.number(
            "select count(*) from container_workers w where replicas <>"
                + " (select coalesce(sum(p.replicas), 0) from placements p where p.worker_id = w.id)");
    long silent =
        postgres.number("select count(*) from container_services where last_event_sequence = 0");
    if (placed != (long) services * replicas || uneven > 1 || wrong > 0 || silent > 0) {
      throw new IllegalStateException(
          "%d placed, uneven by %d, %d workers miscounted, %d services without an event"
              .formatted(placed, uneven, wrong, silent));
    }
  }

  /** The same rows, with their keys and indexes and what the database checks of them. */
  Run keyed(int rows) {
    postgres.clear();
    UUID[] services =
        postgres.services(rows, 1).stream().map(ServiceId::value).toArray(UUID[]::new);
    return inPasses(
        services,
        "insert into placements (id, organization_id, service_id, cluster_id, worker_id, release_id,"
            + " replicas, restart_generation, revision, cpu_millis, memory_bytes, pinned_node)"
            + " select s.id, s.organization_id, s.id, s.cluster_id,"
            + " (select id from container_workers limit 1), s.release_id, 1, 0, 1, 100, 1, 'node'"
            + " from container_services s where s.id = any(:ids)");
  }

  /** The same rows without all that. */
  Run inserted(int rows) {
    postgres.execute("truncate bare");
    UUID[] ids = new UUID[rows];
    Arrays.setAll(ids, i -> postgres.ids().get());
    return inPasses(
        ids,
        "insert into bare (id, organization_id, service_id, cluster_id, worker_id,"
            + " release_id, replicas, restart_generation, revision, cpu_millis,"
            + " memory_bytes, pinned_node) select id, id, id, id, id, id, 1, 0, 1,"
            + " 100, 1, 'node' from unnest(:ids::uuid[]) n (id)");
  }

  private Run inPasses(UUID[] ids, String sql) {
    long start = System.nanoTime();
    for (int from = 0; from < ids.length; from += PASS) {
      UUID[] pass = Arrays.copyOfRange(ids, from, Math.min(from + PASS, ids.length));
      postgres.database().useTransaction(h -> h.createUpdate(sql).bind("ids", pass).execute());
    }
    return new Run(ids.length, (System.nanoTime() - start) / 1e9);
  }
}
