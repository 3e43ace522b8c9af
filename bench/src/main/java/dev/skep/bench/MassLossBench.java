package dev.skep.bench;

import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import java.util.List;

/** A tenth of the workers dies at once: what the leader does until all is placed anew. */
final class MassLossBench {
  private final BenchDatabase postgres;
  private final ClusterState state;

  MassLossBench(BenchDatabase postgres, LeaderLease lease) {
    this.postgres = postgres;
    this.state = new ClusterState(postgres.database(), lease, postgres.ids());
  }

  /** Services that had a replica there, and the seconds until all are committed elsewhere. */
  record Took(int services, double seconds) {}

  Took lose(int services) {
    postgres.clear();
    postgres.execute("update container_workers set connected = true, swarm_node_state = 'ready'");
    postgres.services(services, 1);
    postgres.settleOnATenth();
    long start = System.nanoTime();
    postgres.execute(
        "update container_workers set connected = false, connected_since = now(),"
            + " swarm_node_state = 'down' where "
            + BenchDatabase.A_TENTH);
    List<ServiceId> stranded = state.unsettled();
    for (int from = 0; from < stranded.size(); from += DurableBench.PASS) {
      int to = Math.min(from + DurableBench.PASS, stranded.size());
      state.advance(stranded.subList(from, to), DurableBench::plan);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    check(services);
    return new Took(services, seconds);
  }

  /** Everything has one replica elsewhere, evenly, and was told where it went. */
  private void check(int services) {
    long moved =
        postgres.number(
            "select count(distinct p.service_id) from placements p join container_workers w"
                + " on w.id = p.worker_id where w.connected and not p.removing and p.replicas = 1");
    long left =
        postgres.number(
            "select count(*) from placements p join container_workers w on w.id = p.worker_id"
                + " where not w.connected and not p.removing");
    long uneven =
        postgres.number(
            "select max(replicas) - min(replicas) from container_workers where connected");
    long told =
        postgres.number("select count(*) from deployment_events where type = 'replicas_moved'");
    if (moved != services || left > 0 || uneven > 1 || told != services) {
      throw new IllegalStateException(
          "%d moved, %d left, uneven by %d, %d told".formatted(moved, left, uneven, told));
    }
  }
}
