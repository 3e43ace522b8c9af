package dev.skep.controlplane.clusters;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.Notification.Severity;
import dev.skep.controlplane.state.NotificationWriter;
import dev.skep.controlplane.state.Revisions;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * What operators do with clusters; each use case is one transaction. It writes what is wanted: the
 * agents make it so.
 */
final class ClustersService {
  private static final String RECOVER =
      """
      update clusters
      set recovery_generation = recovery_generation + 1, recovery_worker_id = :worker, manager_worker_id = :worker,
          owner_epoch = owner_epoch + 1, owner_revision = :revision,
          membership_generation = membership_generation + 1,
          manager_address = coalesce(
            (select swarm_nodes -> w.swarm_node_id ->> 'address' from container_workers w where w.id = :worker),
            manager_address)
      where id = :cluster
      """;
  private static final String NEW_SWARM =
      """
      update clusters set swarm_id = '', manager_address = '', worker_join_token = null, swarm_nodes = '{}'
      where id = :cluster
      """;
  private static final String ONE_MANAGER =
      "update container_workers set manager_wanted = (id = :worker) where cluster_id = :cluster";

  /** Their nodes would else go on as a Swarm of their own when they are back. */
  private static final String FORGET =
      """
      update container_workers
      set forget_node = swarm_node_id, swarm_node_id = '', swarm_node_state = 'down', swarm_manager = false,
          swarm_reachable = true, swarm_state_since = now(), control_error = '', control_error_since = null
      where cluster_id = :cluster and swarm_node_id <> ''
        and (:all or (swarm_manager and id <> :worker))
      """;

  private final Database database;
  private final Supplier<UUID> ids;

  ClustersService(Database database, Supplier<UUID> ids) {
    this.database = database;
    this.ids = ids;
  }

  /** A recovery that was begun, or would be. */
  record Begun(ClusterRecord cluster, Recovery recovery) {}

  Begun preview(String cluster, String worker, boolean newSwarm) {
    return database.read(
        handle -> {
          ClusterRecord found = ClusterQueries.find(handle, cluster);
          return new Begun(found, Recovery.of(found, worker, newSwarm));
        });
  }

  Begun recover(String cluster, String worker, boolean newSwarm) {
    return database.inTransaction(
        handle -> {
          ClusterId id = ClusterQueries.find(handle, cluster).id();
          long revision = Revisions.next(handle, id);
          ClusterRecord found = ClusterQueries.find(handle, id.toString());
          Recovery recovery = Recovery.of(found, worker, newSwarm);
          write(handle, id, recovery, revision);
          tell(handle, found, recovery);
          return new Begun(ClusterQueries.find(handle, id.toString()), recovery);
        });
  }

  private static void write(Handle handle, ClusterId cluster, Recovery recovery, long revision) {
    UUID worker = recovery.by().id().value();
    handle
        .createUpdate(RECOVER)
        .bind("worker", worker)
        .bind("revision", revision)
        .bind("cluster", cluster.value())
        .execute();
    if (recovery.newSwarm()) {
      handle.createUpdate(NEW_SWARM).bind("cluster", cluster.value()).execute();
    }
    handle
        .createUpdate(ONE_MANAGER)
        .bind("worker", worker)
        .bind("cluster", cluster.value())
        .execute();
    handle
        .createUpdate(FORGET)
        .bind("worker", worker)
        .bind("all", recovery.newSwarm())
        .bind("cluster", cluster.value())
        .execute();
  }

  private void tell(Handle handle, ClusterRecord cluster, Recovery recovery) {
    String message =
        recovery.by().name()
            + (recovery.newSwarm() ? " makes a new Swarm for" : " recovers the Swarm of")
            + " cluster "
            + cluster.name()
            + ", as an operator wished";
    Notification notification =
        Notification.ofPlatform(Severity.WARNING, "swarm_recovery", cluster.name(), message);
    NotificationWriter.append(handle, ids.get(), notification);
  }
}
