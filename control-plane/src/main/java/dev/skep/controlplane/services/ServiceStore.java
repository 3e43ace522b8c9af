package dev.skep.controlplane.services;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;

import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.Wanted;
import dev.skep.v1.ContainerMetrics;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Reads services of one organization. */
final class ServiceStore {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final String LIST =
      """
      select * from container_services
      where organization_id = :organization and name collate "C" > :after
        and name collate "C" >= :prefix and name collate "C" < :prefix || '~'
      """;

  private final Handle handle;
  private final OrganizationId organization;

  ServiceStore(Handle handle, OrganizationId organization) {
    this.handle = handle;
    this.organization = organization;
  }

  /**
   * One service, by id or name.
   *
   * @throws Refusal SERVICE_NOT_FOUND also when it belongs to somebody else
   */
  ServiceRecord get(String idOrName) {
    return one(idOrName, "");
  }

  /** Like {@link #get}; nobody else writes it until the transaction ends. */
  ServiceRecord lock(String idOrName) {
    return one(idOrName, " for update");
  }

  /** The id behind an id or a name. */
  ServiceId id(String idOrName) {
    return row(idOrName, "").id;
  }

  Optional<ServiceRecord> byRequest(UUID requestId) {
    return handle
        .createQuery(
            "select * from container_services where organization_id = :organization and request_id = :request")
        .bind("organization", organization.value())
        .bind("request", requestId)
        .map((row, c) -> ServiceRow.of(row))
        .findOne()
        .map(row -> complete(List.of(row)).getFirst());
  }

  /** All that one request made. */
  List<ServiceId> byRequestHash(byte[] hash) {
    return handle
        .createQuery(
            "select id from container_services where organization_id = :organization and request_hash = :hash order by id")
        .bind("organization", organization.value())
        .bind("hash", hash)
        .mapTo(UUID.class)
        .map(ServiceId::new)
        .list();
  }

  /** Releases before a number, newest first. */
  List<dev.skep.v1.Release> releases(ServiceId service, long before, int limit) {
    return handle
        .createQuery(
            """
            select r.*, (select coalesce(jsonb_object_agg(s.name, u.number::text), '{}')
                         from container_service_secrets u
                         join container_secrets s on s.organization_id = u.organization_id and s.id = u.secret_id
                         where u.organization_id = r.organization_id and u.release_id = r.id) as pinned
            from releases r
            where organization_id = :organization and service_id = :service and number < :before
            order by number desc limit :limit
            """)
        .bind("organization", organization.value())
        .bind("service", service.value())
        .bind("before", before)
        .bind("limit", limit)
        .map((row, c) -> ServiceProtos.release(Rows.release(row), row))
        .list();
  }

  /** What its containers used when their agents told last. */
  List<ContainerMetrics> metrics(ServiceId service) {
    return handle
        .createQuery(
            """
            select u.*, w.name as worker_name
            from container_usage u
            join placements p on p.id = u.placement_id
            join container_workers w on w.id = u.worker_id
            where p.organization_id = :organization and p.service_id = :service
              and u.observed_at > now() - interval '5 minutes'
            order by u.container_id
            """)
        .bind("organization", organization.value())
        .bind("service", service.value())
        .map(
            (row, c) ->
                ContainerMetrics.newBuilder()
                    .setContainerId(row.getString("container_id"))
                    .setWorkerName(row.getString("worker_name"))
                    .setCpuNanos(row.getLong("cpu_nanos"))
                    .setMemoryBytes(row.getLong("memory_bytes"))
                    .setNetworkRxBytes(row.getLong("network_rx_bytes"))
                    .setNetworkTxBytes(row.getLong("network_tx_bytes"))
                    .setObserveTime(Paging.timestamp(Rows.instant(row, "observed_at")))
                    .build())
        .list();
  }

  /**
   * Services in order of their names, starting after one; no name has a character after "~".
   *
   * @param seen those that the caller may see; empty for all
   */
  List<ServiceRecord> list(String after, String prefix, Optional<Set<ServiceId>> seen, int limit) {
    String which = seen.isPresent() ? " and id = any(:seen)" : "";
    Query query =
        handle
            .createQuery(LIST + which + " order by name collate \"C\" limit :limit")
            .bind("organization", organization.value())
            .bind("after", after)
            .bind("prefix", prefix)
            .bind("limit", limit);
    seen.ifPresent(
        some -> query.bind("seen", some.stream().map(ServiceId::value).toArray(UUID[]::new)));
    return complete(query.map((row, c) -> ServiceRow.of(row)).list());
  }

  /** Those that services are on, by id. */
  Map<WorkerId, Worker> workers(List<ServiceRecord> services) {
    UUID[] ids =
        services.stream()
            .flatMap(service -> service.placements().stream())
            .map(placement -> placement.worker().value())
            .distinct()
            .toArray(UUID[]::new);
    return ids.length == 0
        ? Map.of()
        : handle
            .createQuery("select * from container_workers where id = any(:ids)")
            .bind("ids", ids)
            .map((row, c) -> Rows.worker(row))
            .stream()
            .collect(toMap(Worker::id, identity()));
  }

  private ServiceRecord one(String idOrName, String lock) {
    return complete(List.of(row(idOrName, lock))).getFirst();
  }

  private ServiceRow row(String idOrName, String lock) {
    boolean isId = ID.matcher(idOrName).matches();
    return handle
        .createQuery(
            "select * from container_services where organization_id = :organization and "
                + (isId ? "id = :key::uuid" : "name = :key")
                + lock)
        .bind("organization", organization.value())
        .bind("key", idOrName)
        .map((row, c) -> ServiceRow.of(row))
        .findOne()
        .orElseThrow(() -> notFound(idOrName));
  }

  private static Refusal notFound(String idOrName) {
    String shown = idOrName.length() > 60 ? idOrName.substring(0, 60) + "…" : idOrName;
    return new Refusal(Reason.SERVICE_NOT_FOUND, "there is no service \"" + shown + "\"");
  }

  private List<ServiceRecord> complete(List<ServiceRow> rows) {
    UUID[] ids = rows.stream().map(r -> r.id.value()).toArray(UUID[]::new);
    Map<UUID, Release> releases = releases(rows);
    Map<UUID, List<Placement>> placements = placements(ids);
    Map<UUID, Deployment> latest = latest(ids);
    return rows.stream()
        .map(
            row ->
                row.record(
                    Objects.requireNonNull(releases.get(row.release)),
                    placements.getOrDefault(row.id.value(), List.of()),
                    Optional.ofNullable(latest.get(row.id.value()))))
        .toList();
  }

  private Map<UUID, Release> releases(List<ServiceRow> rows) {
    Map<UUID, Release> releases = new HashMap<>();
    handle
        .createQuery(
            "select * from releases where organization_id = :organization and id = any(:ids)")
        .bind("organization", organization.value())
        .bind("ids", rows.stream().map(ServiceRow::release).toArray(UUID[]::new))
        .map((row, c) -> Rows.release(row))
        .forEach(r -> releases.put(r.id().value(), r));
    return releases;
  }

  private Map<UUID, List<Placement>> placements(UUID[] services) {
    return handle
        .createQuery(
            "select * from placements where organization_id = :organization and service_id = any(:ids) order by id")
        .bind("organization", organization.value())
        .bind("ids", services)
        .map((row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.placement(row)))
        .stream()
        .collect(groupingBy(Map.Entry::getKey, mapping(Map.Entry::getValue, toList())));
  }

  private Map<UUID, Deployment> latest(UUID[] services) {
    Map<UUID, Deployment> latest = new HashMap<>();
    handle
        .createQuery(
            """
            select d.* from unnest(:ids::uuid[]) as s (id)
            cross join lateral (select * from container_deployments
                                where organization_id = :organization and service_id = s.id
                                order by id desc limit 1) d
            """)
        .bind("organization", organization.value())
        .bind("ids", services)
        .map((row, c) -> Map.entry(Rows.uuid(row, "service_id"), Rows.deployment(row)))
        .forEach(e -> latest.put(e.getKey(), e.getValue()));
    return latest;
  }

  private record ServiceRow(ServiceId id, UUID release, ServiceHead head) {
    static ServiceRow of(ResultSet row) throws SQLException {
      return new ServiceRow(
          new ServiceId(Rows.uuid(row, "id")), Rows.uuid(row, "release_id"), ServiceHead.of(row));
    }

    ServiceRecord record(Release current, List<Placement> placements, Optional<Deployment> latest) {
      return new ServiceRecord(
          id,
          head.name,
          head.wanted,
          head.replicas,
          head.version,
          current,
          head.policy,
          head.waitingFor,
          placements,
          latest.orElse(null),
          head.createdAt,
          head.updatedAt);
    }
  }

  private record ServiceHead(
      String name,
      Wanted wanted,
      int replicas,
      long version,
      ServicePolicy policy,
      String waitingFor,
      java.time.Instant createdAt,
      java.time.Instant updatedAt) {
    static ServiceHead of(ResultSet row) throws SQLException {
      return new ServiceHead(
          row.getString("name"),
          Wanted.valueOf(row.getString("wanted")),
          row.getInt("replicas"),
          row.getLong("version"),
          Json.read(row.getString("policy"), ServicePolicy.class),
          row.getString("waiting_for"),
          Rows.instant(row, "created_at"),
          Rows.instant(row, "updated_at"));
    }
  }
}
