package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ServicePlan;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/** The door to the cluster tables for the leader: one snapshot, one plan, one commit. */
public final class ClusterState {
  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;
  private final KnownWorkers workers = new KnownWorkers();

  public ClusterState(Database database, LeaderLease lease, Supplier<UUID> ids) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
  }

  /**
   * Reads the services, asks for a plan and writes it, all in one transaction that is fenced by the
   * lease. The plan is a pure function, so the rows are held for milliseconds.
   *
   * @return plans that changed something
   */
  public List<ServicePlan> advance(
      Collection<ServiceId> services, Function<Snapshot, List<ServicePlan>> planner) {
    List<ServicePlan> written = write(services, planner);
    if (!written.isEmpty()) {
      Failpoint.PLAN_COMMITTED.hit();
    }
    if (written.stream().anyMatch(plan -> !plan.steps().isEmpty())) {
      Failpoint.STEP_COMMITTED.hit();
    }
    return written;
  }

  private List<ServicePlan> write(
      Collection<ServiceId> services, Function<Snapshot, List<ServicePlan>> planner) {
    return database.inTransaction(
        handle -> {
          Reads reads = new Reads(handle);
          lease.fence(reads);
          Snapshot snapshot = read(reads, services, SnapshotReader.Hold.LOCKED, workers::ask);
          List<ServicePlan> plans =
              planner.apply(snapshot).stream().filter(plan -> !plan.empty()).toList();
          if (!plans.isEmpty()) {
            Failpoint.PLAN_COMPUTED.hit();
          }
          PlanWriter writer = new PlanWriter(handle, ids);
          plans.forEach(writer::add);
          writer.write();
          return plans;
        });
  }

  /** The same rows for somebody who only wants to know: nothing is held and nothing written. */
  public Snapshot look(Collection<ServiceId> services) {
    return database.read(
        handle ->
            read(new Reads(handle), services, SnapshotReader.Hold.FREE, KnownWorkers::askAll));
  }

  private static Snapshot read(
      Reads reads,
      Collection<ServiceId> services,
      SnapshotReader.Hold hold,
      SnapshotReader.Workers workers) {
    SnapshotReader reader = new SnapshotReader(reads, services, hold, workers);
    reads.send();
    return reader.read();
  }

  /** Services that have replicas on a worker, whoever's they are. */
  public List<ServiceId> on(WorkerId worker) {
    return database.read(
        h ->
            h.createQuery(
                    "select service_id from placements where worker_id = :worker and not removing")
                .bind("worker", worker.value())
                .map((row, c) -> new ServiceId(Rows.uuid(row, "service_id")))
                .list());
  }

  /**
   * Services that are not settled: with a deployment under way, with something to take down,
   * without a place, or on a worker where they do not stay.
   */
  public List<ServiceId> unsettled() {
    return database.read(
        h ->
            h.createQuery(
                    """
                    select service_id as id from container_deployments where ended_at is null
                    union select service_id from placements where removing
                    union select id from container_services where wanted = 'DELETED' or waiting_for <> ''
                    union select s.id from container_services s where s.wanted = 'STOPPED'
                          and exists (select 1 from placements p where p.service_id = s.id)
                    union select p.service_id from placements p join container_workers w on w.id = p.worker_id
                          where w.availability in ('DRAINING', 'REMOVED')
                             or (not w.connected and (w.swarm_node_state = 'down' or not w.swarm_reachable))
                    """)
                .map((row, c) -> new ServiceId(Rows.uuid(row, "id")))
                .list());
  }

  /** Every service, for the slow sweep that finds what hints missed. */
  public List<ServiceId> all() {
    return database.read(
        h ->
            h.createQuery("select id from container_services")
                .map((row, c) -> new ServiceId(Rows.uuid(row, "id")))
                .list());
  }
}
