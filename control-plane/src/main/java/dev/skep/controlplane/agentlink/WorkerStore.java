package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.Facts;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.Revisions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** What a session writes of its worker. */
final class WorkerStore {
  private static final String OPEN =
      """
      update container_workers
      set session_epoch = session_epoch + 1, connected = true, connected_since = now(), facts = :facts::jsonb, last_heartbeat_at = now(),
          control_plane_id = :home
      where id = :id and availability <> 'REMOVED' returning session_epoch, cluster_id
      """;

  /**
   * The first worker that may manage a Swarm and connects makes the Swarm of its cluster. Who
   * changes a Swarm that is there is the leader's decision.
   */
  private static final String BECOME_MANAGER =
      """
      update clusters
      set manager_worker_id = :id, owner_revision = revision + 1, membership_generation = membership_generation + 1
      where id = :cluster and manager_worker_id is null and swarm_id = ''
        and exists (select 1 from container_workers where id = :id and 'MANAGER' = any(roles))
      """;

  /** What is null in a heartbeat stays what it was. */
  private static final String HEARTBEATS =
      """
      update container_workers w
      set last_heartbeat_at = greatest(w.last_heartbeat_at, h.seen),
          cpu_percent = coalesce(h.cpu, w.cpu_percent),
          memory_percent = coalesce(h.memory, w.memory_percent),
          disk_percent = coalesce(h.disk, w.disk_percent),
          cpu_pressure_since = case when h.cpu_pressed then coalesce(w.cpu_pressure_since, h.seen)
                                    when not h.cpu_pressed then null else w.cpu_pressure_since end,
          memory_pressure_since = case when h.memory_pressed then coalesce(w.memory_pressure_since, h.seen)
                                       when not h.memory_pressed then null else w.memory_pressure_since end,
          disk_pressure_since = case when h.disk_pressed then coalesce(w.disk_pressure_since, h.seen)
                                     when not h.disk_pressed then null else w.disk_pressure_since end
      from unnest(:ids::uuid[], :seen::timestamptz[], :cpu::real[], :memory::real[], :disk::real[],
                  :cpu_pressed::boolean[], :memory_pressed::boolean[], :disk_pressed::boolean[])
           as h (id, seen, cpu, memory, disk, cpu_pressed, memory_pressed, disk_pressed)
      where w.id = h.id
      """;

  /**
   * What is written is what the agent has and shall have, and never an earlier end than one that it
   * was told. Nothing is written of workers without such services; those of an older session get
   * nothing.
   */
  private static final String GRANT =
      """
      update container_workers w
      set volume_copies_until = greatest(w.volume_copies_until, now() + make_interval(secs => :seconds)),
          volume_leased = array(select unnest(h.held::uuid[]) intersect select unnest(n.services))
      from unnest(:ids::uuid[], :epochs::bigint[], :held::text[]) as h (id, epoch, held)
      left join lateral (
        select array_agg(distinct v.service_id) as services
        from volumes v join container_services s on s.id = v.service_id join releases r on r.id = s.release_id
        where v.worker_id = h.id and v.kept_since is null and s.wanted <> 'DELETED' and jsonb_array_length(r.spec -> 'volumes') > 0
          and s.policy @> '{"migration": "AUTOMATIC", "dataPromise": "MAY_BE_LOST"}') n on true
      where w.id = h.id and w.session_epoch = h.epoch and w.connected
        and (n.services is not null or h.held <> '{}' or w.volume_leased <> '{}')
      returning w.id, coalesce(n.services, '{}') as services
      """;

  private static final String FOREIGN_KEY_VIOLATION = "23503";

  private final Database database;

  WorkerStore(Database database) {
    this.database = database;
  }

  /** A session that was opened. */
  record Opened(ClusterId cluster, long epoch) {}

  /**
   * A session that is to be opened.
   *
   * @param home the control plane that holds it
   * @param leaderEpoch the highest that the agent has seen
   */
  record Opening(WorkerId worker, WorkerFacts facts, UUID home, long leaderEpoch) {}

  /**
   * Opens a session; reports of an older one are ignored from now on.
   *
   * @throws Refusal CERTIFICATE_REFUSED when the worker was deleted; SHUTTING_DOWN when the others
   *     have given up the control plane that would hold it
   */
  Opened open(Opening opening) {
    Opened opened;
    try {
      opened = database.inTransaction(handle -> opened(handle, opening));
    } catch (RuntimeException e) {
      throw Database.sqlState(e).filter(FOREIGN_KEY_VIOLATION::equals).isPresent()
          ? new Refusal(Reason.SHUTTING_DOWN, "this control plane was away; dial again")
          : e;
    }
    becomeManager(opening.worker, opened.cluster);
    return opened;
  }

  private static Opened opened(Handle handle, Opening opening) {
    LeaderLease.raiseAbove(handle, opening.leaderEpoch);
    Opened opened =
        handle
            .createQuery(OPEN)
            .bind("id", opening.worker.value())
            .bind("facts", Json.write(opening.facts))
            .bind("home", opening.home)
            .map(
                (row, c) ->
                    new Opened(
                        new ClusterId(row.getObject("cluster_id", UUID.class)),
                        row.getLong("session_epoch")))
            .findOne()
            .orElseThrow(WorkerStore::deleted);
    announce(handle, opened.cluster);
    return opened;
  }

  /** In a transaction of its own: the rows of clusters are locked before those of workers. */
  private void becomeManager(WorkerId worker, ClusterId cluster) {
    database.useTransaction(
        handle -> {
          int manager =
              handle
                  .createUpdate(BECOME_MANAGER)
                  .bind("id", worker.value())
                  .bind("cluster", cluster.value())
                  .execute();
          if (manager > 0) {
            Revisions.next(handle, cluster);
            handle.execute(
                "update container_workers set manager_wanted = true where id = ?", worker.value());
          }
        });
  }

  void close(WorkerId worker, long epoch) {
    database.useTransaction(
        handle ->
            handle
                .createQuery(
                    "update container_workers set connected = false, connected_since = now(), control_plane_id = null"
                        + " where id = :id and session_epoch = :epoch returning cluster_id")
                .bind("id", worker.value())
                .bind("epoch", epoch)
                .mapTo(UUID.class)
                .findOne()
                .ifPresent(cluster -> announce(handle, new ClusterId(cluster))));
  }

  void updateFacts(WorkerId worker, WorkerFacts facts) {
    database.useTransaction(
        handle ->
            handle
                .createUpdate("update container_workers set facts = :facts::jsonb where id = :id")
                .bind("facts", Json.write(facts))
                .bind("id", worker.value())
                .execute());
  }

  /** One statement for the whole fleet. */
  void heartbeats(Map<WorkerId, Beat> beats) {
    List<Beat> all = List.copyOf(beats.values());
    List<WorkerId> workers = List.copyOf(beats.keySet());
    database.useTransaction(
        handle -> {
          Update update =
              handle
                  .createUpdate(HEARTBEATS)
                  .bind("ids", workers.stream().map(WorkerId::value).toArray(UUID[]::new))
                  .bind("seen", column(all, beat -> beat.seen().toString()));
          for (Pressure kind : Pressure.values()) {
            update
                .bind(kind.word(), column(all, beat -> beat.percent(kind)))
                .bind(kind.word() + "_pressed", column(all, beat -> beat.pressed(kind)));
          }
          update.execute();
        });
  }

  /**
   * A worker whose agent wants its lease renewed.
   *
   * @param services of which the agent stops its copies by itself, now and until it is told not to
   */
  record Holder(long epoch, Set<UUID> services) {}

  /**
   * Renews leases.
   *
   * @param stoppedAfter when copies have stopped that are not allowed any more time
   * @return which services each of them shall be about, also those that the agent does not have yet
   */
  Map<WorkerId, Set<UUID>> grant(Map<WorkerId, Holder> holders, Duration stoppedAfter) {
    List<WorkerId> workers = List.copyOf(holders.keySet());
    List<Holder> all = List.copyOf(holders.values());
    Map<WorkerId, Set<UUID>> granted = new HashMap<>();
    database.useTransaction(
        handle ->
            handle
                .createQuery(GRANT)
                .bind("ids", workers.stream().map(WorkerId::value).toArray(UUID[]::new))
                .bind(
                    "epochs", all.stream().map(h -> Long.toString(h.epoch)).toArray(String[]::new))
                .bind(
                    "held",
                    all.stream()
                        .map(h -> h.services.stream().map(UUID::toString).sorted().toList())
                        .map(ids -> "{" + String.join(",", ids) + "}")
                        .toArray(String[]::new))
                .bind("seconds", stoppedAfter.toSeconds())
                .map(
                    (row, c) ->
                        Map.entry(
                            new WorkerId(row.getObject("id", UUID.class)),
                            Set.of((UUID[]) row.getArray("services").getArray())))
                .forEach(e -> granted.put(e.getKey(), e.getValue())));
    return granted;
  }

  private static @Nullable String[] column(
      List<Beat> beats, Function<Beat, @Nullable String> value) {
    return beats.stream().map(value).toArray(String[]::new);
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
