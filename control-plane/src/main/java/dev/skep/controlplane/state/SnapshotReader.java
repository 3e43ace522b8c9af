package dev.skep.controlplane.state;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Goal;
import dev.skep.controlplane.reconcile.Home;
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
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Snapshot} in seven statements, however many services it holds. */
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

  private final Handle handle;
  private final UUID[] ids;
  private final Hold hold;

  /** Whether rows of services are locked until the transaction ends. */
  enum Hold {
    LOCKED(" for update"),
    FREE("");

    private final String clause;

    Hold(String clause) {
      this.clause = clause;
    }
  }

  SnapshotReader(Handle handle, Collection<ServiceId> services, Hold hold) {
    this.handle = handle;
    this.hold = hold;
    // In order of id: two transactions that lock several services never wait for each other.
    this.ids = services.stream().map(ServiceId::value).sorted().toArray(UUID[]::new);
  }

  /** {@code workers} are asked for when the services are held. */
  Snapshot read(Function<Handle, Map<ClusterId, List<Worker>>> workers) {
    List<ServiceRow> services = services();
    Map<UUID, Release> releases = releases(services);
    Map<UUID, List<Placement>> placements = placements();
    Map<UUID, Deployment> active = activeDeployments();
    Map<UUID, Home> homes = homes();
    List<ServiceView> views =
        services.stream()
            .map(
                s ->
                    s.view(
                        requireNonNull(releases.get(s.release)),
                        Optional.ofNullable(s.goodRelease).map(releases::get),
                        placements.getOrDefault(s.id.value(), List.of()),
                        Optional.ofNullable(active.get(s.id.value())),
                        Optional.ofNullable(homes.get(s.id.value()))))
            .toList();
    List<String> images = views.stream().map(view -> view.target().image()).toList();
    return new Snapshot(
        views, workers.apply(handle), hostPorts(), ImageReader.read(handle, images));
  }

  private List<ServiceRow> services() {
    return handle
        .createQuery(
            "select * from container_services where id = any(:ids) order by id" + hold.clause)
        .bind("ids", ids)
        .map((row, c) -> ServiceRow.of(row))
        .list();
  }

  private Map<UUID, Release> releases(List<ServiceRow> services) {
    Map<UUID, Release> releases = new HashMap<>();
    handle
        .createQuery("select * from releases where id = any(:ids)")
        .bind(
            "ids",
            services.stream()
                .flatMap(s -> Stream.of(s.release, s.goodRelease))
                .filter(Objects::nonNull)
                .toArray(UUID[]::new))
        .map((row, c) -> Rows.release(row))
        .forEach(r -> releases.put(r.id().value(), r));
    return releases;
  }

  private Map<UUID, List<Placement>> placements() {
    return handle
        // A join: a plan for "any" may compare each placement with each of a thousand ids.
        .createQuery(
            "select p.* from unnest(:ids::uuid[]) n (id) join placements p on p.service_id = n.id"
                + " order by p.id")
        .bind("ids", ids)
        .map((row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.placement(row)))
        .stream()
        .collect(groupingBy(Map.Entry::getKey, mapping(Map.Entry::getValue, toList())));
  }

  private Map<UUID, Deployment> activeDeployments() {
    Map<UUID, Deployment> active = new HashMap<>();
    handle
        .createQuery(
            "select * from container_deployments where service_id = any(:ids) and ended_at is null")
        .bind("ids", ids)
        .map((row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.deployment(row)))
        .forEach(e -> active.put(e.getKey(), e.getValue()));
    return active;
  }

  /** All volumes that a service can use are on one worker. */
  private Map<UUID, Home> homes() {
    Map<UUID, Home> homes = new HashMap<>();
    handle
        .createQuery(HOMES)
        .bind("ids", ids)
        .map((row, c) -> Map.entry(Rows.uuid(row, "service_id"), home(row)))
        .forEach(e -> homes.put(e.getKey(), e.getValue()));
    return homes;
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

  private Map<WorkerId, Set<Integer>> hostPorts() {
    Map<WorkerId, Set<Integer>> ports = new HashMap<>();
    handle
        .createQuery("select worker_id, host_ports from placements where host_ports <> '{}'")
        .map(
            (row, c) ->
                Map.entry(
                    new WorkerId(Rows.uuid(row, "worker_id")),
                    (Integer[]) row.getArray("host_ports").getArray()))
        .forEach(
            e ->
                ports
                    .computeIfAbsent(e.getKey(), w -> new HashSet<>())
                    .addAll(Arrays.asList(e.getValue())));
    return ports;
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
