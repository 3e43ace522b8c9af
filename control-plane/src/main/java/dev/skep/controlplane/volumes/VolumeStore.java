package dev.skep.controlplane.volumes;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.VolumeId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Revisions;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.volumes.VolumeRecord.WorkerSight;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** Volumes of one organization. */
final class VolumeStore {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  /** A release that runs, ran last or has a placement uses what it names. */
  private static final String SELECT =
      """
      select v.*, w.name as current_worker_name, w.id is null as worker_gone, coalesce(w.connected, false) as connected,
             coalesce((select 'service ' || s.name || ', release ' || string_agg(r.number::text, ', ' order by r.number)
                       from container_services s join releases r on r.service_id = s.id
                       where s.organization_id = v.organization_id and s.id = v.service_id and v.kept_since is null
                         and r.spec -> 'volumes' @> jsonb_build_array(jsonb_build_object('name', v.name))
                         and (r.id in (s.release_id, s.good_release_id)
                              or exists (select 1 from placements p where p.release_id = r.id))
                       group by s.name),
                      (select 'the replica of ' || s.name || ' that leaves worker ' || v.worker_name
                       from placements p join container_services s on s.id = p.service_id
                       where s.organization_id = v.organization_id and p.service_id = v.service_id
                         and p.worker_id = v.worker_id and v.kept_since is not null), '') as use
      from volumes v left join container_workers w on w.id = v.worker_id
      where v.organization_id = :organization
      """;

  private final Handle handle;
  private final OrganizationId organization;
  private final Optional<Set<ServiceId>> of;

  /** {@code of}: the services whose volumes the caller may see or delete; empty for all. */
  VolumeStore(Handle handle, OrganizationId organization, Optional<Set<ServiceId>> of) {
    this.handle = handle;
    this.organization = organization;
    this.of = of;
  }

  /** In the order in which they were made, starting after one. */
  List<VolumeRecord> list(UUID after, int limit) {
    return select(" and v.id > :after order by v.id limit :limit")
        .bind("after", after)
        .bind("limit", limit)
        .map((row, c) -> record(row))
        .list();
  }

  /**
   * One volume, by id or by SERVICE.NAME.
   *
   * @throws Refusal VOLUME_NOT_FOUND also when it belongs to somebody else
   */
  VolumeRecord get(String key) {
    boolean isId = ID.matcher(key).matches();
    String condition =
        isId ? " and v.id = :key::uuid" : " and v.service_name || '.' || v.name = :key";
    return select(condition + " order by v.kept_since desc nulls first limit 1")
        .bind("key", key)
        .map((row, c) -> record(row))
        .findOne()
        .orElseThrow(() -> notFound(key));
  }

  private Query select(String condition) {
    String which = of.isPresent() ? " and v.service_id = any(:of)" : "";
    Query query =
        handle.createQuery(SELECT + which + condition).bind("organization", organization.value());
    of.ifPresent(
        services -> query.bind("of", services.stream().map(ServiceId::value).toArray(UUID[]::new)));
    return query;
  }

  private static Refusal notFound(String key) {
    String shown = key.length() > 90 ? key.substring(0, 90) + "…" : key;
    return new Refusal(
        Reason.VOLUME_NOT_FOUND,
        "there is no volume \"" + shown + "\"; name it by its id or as SERVICE.NAME");
  }

  /** Nobody changes what its service wants until the transaction ends. */
  void lockService(VolumeRecord volume) {
    ServiceId service = volume.service();
    if (service != null) {
      handle
          .createQuery(
              "select id from container_services where organization_id = :organization and id = :id for update")
          .bind("organization", organization.value())
          .bind("id", service.value())
          .mapTo(UUID.class)
          .findOne();
    }
  }

  /** Asks the agent of its worker to delete it. */
  void remove(VolumeRecord volume) {
    handle
        .createUpdate(
            """
            update volumes set removing = true, kept_since = coalesce(kept_since, now()), generation = generation + 1,
                               revision = :revision, observed_message = ''
            where organization_id = :organization and id = :id
            """)
        .bind("revision", Revisions.next(handle, volume.cluster()))
        .bind("organization", organization.value())
        .bind("id", volume.id().value())
        .execute();
  }

  void forget(VolumeRecord volume) {
    handle.execute(
        "delete from volumes where organization_id = ? and id = ?",
        organization.value(),
        volume.id().value());
  }

  private static VolumeRecord record(ResultSet row) throws SQLException {
    Timestamp keptSince = row.getTimestamp("kept_since");
    String worker = row.getString("current_worker_name");
    return new VolumeRecord(
        new VolumeId(Rows.uuid(row, "id")),
        new ClusterId(Rows.uuid(row, "cluster_id")),
        Optional.ofNullable(row.getObject("service_id", UUID.class))
            .map(ServiceId::new)
            .orElse(null),
        row.getString("service_name"),
        row.getString("name"),
        new WorkerId(Rows.uuid(row, "worker_id")),
        worker == null ? row.getString("worker_name") : worker,
        sight(row),
        row.getString("use"),
        keptSince == null ? null : keptSince.toInstant(),
        row.getString("kept_because"),
        row.getBoolean("removing"),
        row.getString("observed_message"),
        Rows.instant(row, "created_at"));
  }

  private static WorkerSight sight(ResultSet row) throws SQLException {
    if (row.getBoolean("worker_gone")) {
      return WorkerSight.REMOVED;
    }
    return row.getBoolean("connected") ? WorkerSight.CONNECTED : WorkerSight.AWAY;
  }
}
