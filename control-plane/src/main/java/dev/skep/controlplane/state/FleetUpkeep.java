package dev.skep.controlplane.state;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fleet.FleetNews;
import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Notification;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** The door to the fleet for the leader: tells people what changed, and lets removed workers go. */
public final class FleetUpkeep {
  private static final String WORKERS =
      """
      select w.*, coalesce(p.replicas, 0) as held_replicas, coalesce(p.services, 0) as held_services
      from container_workers w
      left join (select worker_id, sum(replicas) as replicas, count(*) as services
                 from placements group by worker_id) p on p.worker_id = w.id
      order by w.name
      """;
  private static final String TOLD =
      """
      update container_workers w set announced_state = t.state, announced_pressure = string_to_array(t.pressure, ',')
      from unnest(:ids::uuid[], :states::text[], :pressure::text[]) as t (id, state, pressure)
      where w.id = t.id
      """;
  private static final String RELEASE =
      """
      update placements p
      set removing = true, generation = p.generation + 1, revision = :revision, observed_state = 'PENDING'
      from container_workers w
      where w.id = p.worker_id and w.availability = 'REMOVED' and w.cluster_id = :cluster and not p.removing
      """;

  /** Its lease stands in the row, and somebody may still wait for the end of it. */
  private static final String FORGET =
      """
      delete from container_workers w
      where w.availability = 'REMOVED' and not exists (select 1 from placements where worker_id = w.id)
        and not exists (
          select 1 from volumes v join container_services s on s.id = v.service_id
          where v.worker_id = w.id and v.kept_since is null and v.service_id = any(w.volume_leased)
            and s.wanted = 'RUNNING' and s.policy @> '{"migration": "AUTOMATIC", "dataPromise": "MAY_BE_LOST"}')
      """;

  private final Database database;
  private final LeaderLease lease;
  private final Supplier<UUID> ids;

  public FleetUpkeep(Database database, LeaderLease lease, Supplier<UUID> ids) {
    this.database = database;
    this.lease = lease;
    this.ids = ids;
  }

  /**
   * Looks at every cluster and writes what people have to be told, fenced by the lease.
   *
   * @return what was told
   */
  public List<Notification> tell(
      BiFunction<FleetNews.Cluster, List<FleetNews.Known>, FleetNews> decide) {
    return database.inTransaction(
        handle -> {
          lease.fence(handle);
          List<Notification> told = new ArrayList<>();
          Map<ClusterId, List<FleetNews.Known>> workers = workers(handle);
          clusters(handle)
              .forEach(
                  (id, cluster) -> {
                    FleetNews news = decide.apply(cluster, workers.getOrDefault(id, List.of()));
                    write(handle, id, cluster, news);
                    told.addAll(news.notifications());
                  });
          return told;
        });
  }

  /** Takes the placements of removed workers away, and their rows when nothing is left. */
  public void releaseRemoved() {
    database.useTransaction(
        handle -> {
          lease.fence(handle);
          handle
              .createQuery(
                  "select distinct cluster_id from container_workers where availability = 'REMOVED'")
              .mapTo(UUID.class)
              .list()
              .forEach(cluster -> release(handle, new ClusterId(cluster)));
        });
  }

  private static void release(Handle handle, ClusterId cluster) {
    if (remaining(handle, cluster)) {
      handle
          .createUpdate(RELEASE)
          .bind("revision", Revisions.next(handle, cluster))
          .bind("cluster", cluster.value())
          .execute();
    }
    handle.execute(FORGET);
  }

  private static boolean remaining(Handle handle, ClusterId cluster) {
    return handle
        .createQuery(
            """
            select exists (select 1 from placements p join container_workers w on w.id = p.worker_id
                           where w.availability = 'REMOVED' and w.cluster_id = :cluster and not p.removing)
            """)
        .bind("cluster", cluster.value())
        .mapTo(Boolean.class)
        .one();
  }

  private static Map<ClusterId, FleetNews.Cluster> clusters(Handle handle) {
    Map<ClusterId, FleetNews.Cluster> clusters = new LinkedHashMap<>();
    handle
        .createQuery("select id, name, unseen_since, announced_blind from clusters order by name")
        .map((row, c) -> Map.entry(new ClusterId(Rows.uuid(row, "id")), cluster(row)))
        .forEach(e -> clusters.put(e.getKey(), e.getValue()));
    return clusters;
  }

  private static FleetNews.Cluster cluster(ResultSet row) throws SQLException {
    Timestamp since = row.getTimestamp("unseen_since");
    return new FleetNews.Cluster(
        row.getString("name"),
        since == null ? null : since.toInstant(),
        row.getBoolean("announced_blind"));
  }

  private static Map<ClusterId, List<FleetNews.Known>> workers(Handle handle) {
    return handle.createQuery(WORKERS).map((row, c) -> known(row)).stream()
        .collect(groupingBy(k -> k.worker().cluster(), mapping(k -> k, toList())));
  }

  private static FleetNews.Known known(ResultSet row) throws SQLException {
    Worker worker = Rows.worker(row);
    Set<Pressure> pressure = EnumSet.noneOf(Pressure.class);
    Arrays.stream((String[]) row.getArray("announced_pressure").getArray())
        .map(Pressure::valueOf)
        .forEach(pressure::add);
    return new FleetNews.Known(
        worker,
        new FleetNews.Told(worker.id(), row.getString("announced_state"), pressure),
        Rows.usage(row),
        row.getInt("held_replicas"),
        row.getInt("held_services"));
  }

  private void write(Handle handle, ClusterId id, FleetNews.Cluster cluster, FleetNews news) {
    FleetNews.Cluster after = news.cluster();
    if (!after.equals(cluster)) {
      handle
          .createUpdate(
              "update clusters set unseen_since = :since, announced_blind = :blind where id = :id")
          .bind("since", after.unseenSince())
          .bind("blind", after.blind())
          .bind("id", id.value())
          .execute();
    }
    List<FleetNews.Told> told = news.told();
    if (!told.isEmpty()) {
      handle
          .createUpdate(TOLD)
          .bind("ids", told.stream().map(t -> t.worker().value()).toArray(UUID[]::new))
          .bind("states", told.stream().map(FleetNews.Told::state).toArray(String[]::new))
          .bind("pressure", told.stream().map(FleetUpkeep::words).toArray(String[]::new))
          .execute();
    }
    news.notifications().forEach(n -> NotificationWriter.append(handle, ids.get(), n));
  }

  private static String words(FleetNews.Told told) {
    return String.join(",", told.pressure().stream().map(Pressure::name).toList());
  }
}
