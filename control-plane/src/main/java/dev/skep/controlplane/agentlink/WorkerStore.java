package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.Facts;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.Revisions;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** What a session writes of its worker. */
final class WorkerStore {
  private static final String OPEN =
      """
      update container_workers
      set session_epoch = session_epoch + 1, connected = true, connected_since = now(), facts = :facts::jsonb, last_heartbeat_at = now()
      where id = :id returning session_epoch, cluster_id
      """;

  /** The first worker that may manage a Swarm and connects becomes the manager of its cluster. */
  private static final String BECOME_MANAGER =
      """
      update clusters set manager_worker_id = :id, membership_generation = membership_generation + 1
      where id = :cluster and manager_worker_id is null
        and exists (select 1 from container_workers where id = :id and 'MANAGER' = any(roles))
      """;

  private static final String HEARTBEATS =
      """
      update container_workers w set last_heartbeat_at = greatest(w.last_heartbeat_at, h.seen)
      from unnest(:ids::uuid[], :seen::timestamptz[]) as h (id, seen) where w.id = h.id
      """;

  private final Database database;

  WorkerStore(Database database) {
    this.database = database;
  }

  /** A session that was opened. */
  record Opened(ClusterId cluster, long epoch) {}

  /**
   * Opens a session; reports of an older one are ignored from now on.
   *
   * @throws Refusal CERTIFICATE_REFUSED when the worker was deleted
   */
  Opened open(WorkerId worker, Facts facts) {
    return database.inTransaction(
        handle -> {
          Opened opened =
              handle
                  .createQuery(OPEN)
                  .bind("id", worker.value())
                  .bind("facts", Json.write(facts(facts)))
                  .map(
                      (row, c) ->
                          new Opened(
                              new ClusterId(row.getObject("cluster_id", UUID.class)),
                              row.getLong("session_epoch")))
                  .findOne()
                  .orElseThrow(WorkerStore::deleted);
          int manager =
              handle
                  .createUpdate(BECOME_MANAGER)
                  .bind("id", worker.value())
                  .bind("cluster", opened.cluster.value())
                  .execute();
          if (manager > 0) {
            Revisions.next(handle, opened.cluster);
          }
          announce(handle, opened.cluster);
          return opened;
        });
  }

  void close(WorkerId worker, long epoch) {
    database.useTransaction(
        handle ->
            handle
                .createQuery(
                    "update container_workers set connected = false, connected_since = now()"
                        + " where id = :id and session_epoch = :epoch returning cluster_id")
                .bind("id", worker.value())
                .bind("epoch", epoch)
                .mapTo(UUID.class)
                .findOne()
                .ifPresent(cluster -> announce(handle, new ClusterId(cluster))));
  }

  void updateFacts(WorkerId worker, Facts facts) {
    database.useTransaction(
        handle ->
            handle
                .createUpdate("update container_workers set facts = :facts::jsonb where id = :id")
                .bind("facts", Json.write(facts(facts)))
                .bind("id", worker.value())
                .execute());
  }

  /** One statement for the whole fleet. */
  void heartbeats(Map<WorkerId, Instant> seen) {
    database.useTransaction(
        handle ->
            handle
                .createUpdate(HEARTBEATS)
                .bind("ids", seen.keySet().stream().map(WorkerId::value).toArray(UUID[]::new))
                .bind("seen", seen.values().stream().map(Instant::toString).toArray(String[]::new))
                .execute());
  }

  static WorkerFacts facts(Facts facts) {
    return new WorkerFacts(
        facts.getHostname(),
        facts.getAdvertiseAddress(),
        facts.getOs(),
        facts.getKernel(),
        facts.getArchitecture(),
        new Resources(facts.getCpuMillis(), facts.getMemoryBytes()),
        facts.getDiskBytes(),
        facts.getDiskFreeBytes(),
        facts.getEngineVersion(),
        facts.getEngineApiVersion(),
        facts.getAgentVersion(),
        facts.getIpvs());
  }

  static Refusal deleted() {
    return new Refusal(
        Reason.CERTIFICATE_REFUSED, "this worker was deleted; enroll again with a new join token");
  }

  private static void announce(Handle handle, ClusterId cluster) {
    new Change(Change.Topic.CLUSTER, cluster.value()).announce(handle);
  }
}
