package dev.skep.controlplane.state;

import static java.util.Objects.requireNonNull;

import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Goal;
import dev.skep.controlplane.reconcile.Home;
import dev.skep.controlplane.reconcile.Images;
import dev.skep.controlplane.reconcile.Lease;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.Wanted;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Snapshot} in one round trip, however many services it holds. All volumes that a
 * service can use are on one worker.
 */
final class SnapshotReader {
  private static final String HOMES =
      """
      select distinct on (v.service_id) v.service_id, v.worker_id, v.worker_name, s.abandon_requested_at,
        case when v.service_id = any(w.volume_leased) then w.volume_copies_until end as copies_until, now() as read_at
      from volumes v join container_services s on s.id = v.service_id
      left join container_workers w on w.id = v.worker_id
      where v.service_id = any(:ids) and v.kept_since is null
      order by v.service_id, v.id
      """;

  private static final String SERVICES =
      "select * from container_services where id = any(:ids) order by id";
  private static final String RELEASES =
      """
      select * from releases where id in (
        select release_id from container_services where id = any(:ids)
        union select good_release_id from container_services where id = any(:ids))
      """;

  /** A join: a plan for "any" may compare each placement with each of a thousand ids. */
  private static final String PLACEMENTS =
      """
      select p.* from unnest(:ids::uuid[]) n (id) join placements p on p.service_id = n.id order by p.id
      """;

  private static final String DEPLOYMENTS =
      "select * from container_deployments where service_id = any(:ids) and ended_at is null";
  private static final String HOST_PORTS =
      "select worker_id, host_ports from placements where host_ports <> '{}'";

  private final List<ServiceRow> services = new ArrayList<>();
  private final Map<UUID, Release> releases = new HashMap<>();
  private final Map<UUID, List<Placement>> placements = new HashMap<>();
  private final Map<UUID, Deployment> active = new HashMap<>();
  private final Map<UUID, Home> homes = new HashMap<>();
  private final Map<WorkerId, Set<Integer>> hostPorts = new HashMap<>();
  private Map<ClusterId, List<Worker>> workers = Map.of();
  private Images images = new Images(Map.of());

  /** Whether rows of services are locked until the transaction ends. */
  enum Hold {
    LOCKED(" for update"),
    FREE("");

    private final String clause;

    Hold(String clause) {
      this.clause = clause;
    }
  }

  /** Something that is to be read as well. */
  @FunctionalInterface
  interface Workers {
    void ask(Reads reads, Consumer<Map<ClusterId, List<Worker>>> answer);
  }

  /** Services are held before anything else is read. */
  SnapshotReader(Reads reads, Collection<ServiceId> ids, Hold hold, Workers workers) {
    reads
        // In order of id: two transactions that lock several services never wait for each other.
        .bind("ids", ids.stream().map(ServiceId::value).sorted().toArray(UUID[]::new))
        .ask(SERVICES + hold.clause, (row, c) -> ServiceRow.of(row), services::addAll)
        .ask(RELEASES, (row, c) -> Rows.release(row), all -> all.forEach(this::release))
        .ask(
            PLACEMENTS,
            (row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.placement(row)),
            all -> all.forEach(e -> placement(e.getKey(), e.getValue())))
        .ask(
            DEPLOYMENTS,
            (row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.deployment(row)),
            all -> all.forEach(e -> active.put(e.getKey(), e.getValue())))
        .ask(
            HOMES,
            (row, c) -> Map.entry(Rows.uuid(row, "service_id"), home(row)),
            all -> all.forEach(e -> homes.put(e.getKey(), e.getValue())));
    workers.ask(reads, found -> this.workers = found);
    reads.ask(
        HOST_PORTS,
        (row, c) ->
            Map.entry(
                new WorkerId(Rows.uuid(row, "worker_id")),
                (Integer[]) row.getArray("host_ports").getArray()),
        all -> all.forEach(e -> ports(e.getKey(), e.getValue())));
    ImageReader.ask(reads, found -> images = found);
  }

  private void release(Release release) {
    releases.put(release.id().value(), release);
  }

  private void placement(UUID service, Placement placement) {
    placements.computeIfAbsent(service, id -> new ArrayList<>()).add(placement);
  }

  private void ports(WorkerId worker, Integer[] ports) {
    hostPorts.computeIfAbsent(worker, w -> new HashSet<>()).addAll(Arrays.asList(ports));
  }

  /** When all has been read. */
  Snapshot read() {
    List<ServiceView> views = services.stream().map(this::view).toList();
    return new Snapshot(views, workers, hostPorts, images);
  }

  private ServiceView view(ServiceRow row) {
    UUID id = row.id.value();
    return row.view(
        requireNonNull(releases.get(row.release)),
        Optional.ofNullable(row.goodRelease).map(releases::get),
        placements.getOrDefault(id, List.of()),
        Optional.ofNullable(active.get(id)),
        Optional.ofNullable(homes.get(id)));
  }

  private static Home home(ResultSet row) throws SQLException {
    return new Home(
        new WorkerId(Rows.uuid(row, "worker_id")),
        row.getString("worker_name"),
        instant(row, "abandon_requested_at"),
        lease(row));
  }

  private static Optional<Lease> lease(ResultSet row) throws SQLException {
    Instant readAt = row.getTimestamp("read_at").toInstant();
    return instant(row, "copies_until").map(until -> new Lease(until, readAt));
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
  }

  /** A row of container_services without what stands in other tables. */
  private record ServiceRow(
      ServiceId id,
      OrganizationId organization,
      ClusterId cluster,
      String name,
      Wanted wanted,
      int replicas,
      long restartGeneration,
      UUID release,
      @Nullable UUID goodRelease,
      ServicePolicy policy,
      Optional<Instant> migrateRequested,
      String waitingFor) {

    static ServiceRow of(ResultSet row) throws SQLException {
      return new ServiceRow(
          new ServiceId(Rows.uuid(row, "id")),
          new OrganizationId(Rows.uuid(row, "organization_id")),
          new ClusterId(Rows.uuid(row, "cluster_id")),
          row.getString("name"),
          Wanted.valueOf(row.getString("wanted")),
          row.getInt("replicas"),
          row.getLong("restart_generation"),
          Rows.uuid(row, "release_id"),
          row.getObject("good_release_id", UUID.class),
          Json.read(row.getString("policy"), ServicePolicy.class),
          Optional.ofNullable(row.getTimestamp("migrate_requested_at")).map(Timestamp::toInstant),
          row.getString("waiting_for"));
    }

    ServiceView view(
        Release target,
        Optional<Release> good,
        List<Placement> placements,
        Optional<Deployment> active,
        Optional<Home> home) {
      Goal goal =
          new Goal(wanted, replicas, restartGeneration, target, good, policy, migrateRequested);
      return new ServiceView(
          id, organization, cluster, name, goal, placements, active, waitingFor, home);
    }
  }
}
