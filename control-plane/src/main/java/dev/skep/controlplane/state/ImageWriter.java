package dev.skep.controlplane.state;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ImageWish;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Writes which images workers shall have: what placements and wishes need comes, what no kept
 * release needs goes. The caller's transaction holds the services.
 */
final class ImageWriter {
  /** Releases of a service to which can be rolled back. */
  static final int KEPT_RELEASES = 10;

  /**
   * Rows that are not there, are going, or whose pull was refused before the deployment that needs
   * it now began. A placement of this pass is known by its revision.
   */
  private static final String MISSING =
      """
      select n.worker_id, n.image
      from (select * from unnest(:workers::uuid[], :images::text[]) wish (worker_id, image)
            union
            select p.worker_id, r.image from placements p join releases r on r.id = p.release_id
            where p.cluster_id = :cluster and p.revision = :revision and not p.removing) n
      left join worker_images i on i.worker_id = n.worker_id and i.image = n.image
      where i.image is null or i.removing
         or i.observed_state = 'FAILED'
            and exists (select 1 from container_deployments d join releases r on r.id = d.release_id
                        where d.ended_at is null and r.image = n.image and d.created_at > i.updated_at)
      """;

  private static final String WANT =
      """
      insert into worker_images (worker_id, image, revision)
      select worker_id, image, :revision from unnest(:workers::uuid[], :images::text[]) n (worker_id, image)
      on conflict (worker_id, image) do update
      set removing = false, generation = worker_images.generation + 1, revision = excluded.revision,
          observed_state = 'PENDING', observed_code = '', observed_message = ''
      """;
  private static final String RETIRE =
      """
      update releases r set kept = false
      from container_services s
      where s.id = any(:services) and r.service_id = s.id and r.kept
        and r.id is distinct from s.release_id and r.id is distinct from s.good_release_id
        and (select count(*) from releases newer
             where newer.service_id = s.id and newer.kept and newer.number > r.number) >= :kept
        and not exists (select 1 from placements p where p.release_id = r.id)
        and not exists (select 1 from container_deployments d where d.release_id = r.id and d.ended_at is null)
      returning s.cluster_id, r.image
      """;

  /** Also a placement that is going still holds its image. */
  static final String REMOVE =
      """
      update worker_images i
      set removing = true, generation = generation + 1, revision = :revision,
          observed_state = 'PENDING', observed_code = '', observed_message = ''
      from container_workers w
      where w.id = i.worker_id and w.cluster_id = :cluster and not i.removing
        and not exists (select 1 from placements p join releases r on r.id = p.release_id
                        where p.worker_id = i.worker_id and r.image = i.image)
        and not exists (select 1 from releases r join container_services s on s.id = r.service_id
                        where r.image = i.image and r.kept and s.cluster_id = w.cluster_id)
      """;

  /** Not there after all, and nothing that is under way or shall run needs them: a rollback did. */
  private static final String GIVE_UP =
      """
      select distinct s.cluster_id, i.worker_id, i.image
      from container_services s join releases r on r.service_id = s.id join worker_images i on i.image = r.image
      where s.id = any(:services) and i.observed_state <> 'APPLIED' and not i.removing
        and not exists (select 1 from placements p join releases pr on pr.id = p.release_id
                        where p.worker_id = i.worker_id and pr.image = i.image)
        and not exists (select 1 from releases t join container_services ts on ts.release_id = t.id
                        where t.image = i.image and t.kept and ts.cluster_id = s.cluster_id)
        and not exists (select 1 from container_deployments d join releases dr on dr.id = d.release_id
                        where d.ended_at is null and dr.image = i.image)
      """;

  private static final String LET_GO =
      """
      update worker_images i
      set removing = true, generation = generation + 1, revision = :revision,
          observed_state = 'PENDING', observed_code = '', observed_message = ''
      from unnest(:workers::uuid[], :images::text[]) n (worker_id, image)
      where i.worker_id = n.worker_id and i.image = n.image and i.observed_state <> 'APPLIED'
      """;

  private final Handle handle;
  private final Map<ClusterId, Set<ImageWish>> wishes = new HashMap<>();
  private final Map<ClusterId, Set<String>> released = new HashMap<>();
  private final Set<UUID> services = new HashSet<>();

  ImageWriter(Handle handle) {
    this.handle = handle;
  }

  /** Images that workers shall have before placements change. */
  void wish(ClusterId cluster, Collection<ImageWish> images) {
    wishes.computeIfAbsent(cluster, c -> new HashSet<>()).addAll(images);
  }

  /** Something of this service has ended: perhaps it needs one of its releases no more. */
  void changed(ServiceId service) {
    services.add(service.value());
  }

  /** To be called before the rows of a service go: its images may go, too. */
  void purging(ClusterId cluster, ServiceId service) {
    handle
        .createQuery("select image from releases where service_id = :service")
        .bind("service", service.value())
        .mapTo(String.class)
        .forEach(image -> release(cluster, image));
  }

  private void release(ClusterId cluster, String image) {
    released.computeIfAbsent(cluster, c -> new HashSet<>()).add(image);
  }

  /**
   * Writes everything.
   *
   * @param revisions of this transaction, of the clusters in which placements were changed
   */
  void finish(Map<ClusterId, Long> revisions) {
    Set<ClusterId> clusters = new HashSet<>(wishes.keySet());
    clusters.addAll(revisions.keySet());
    clusters.forEach(cluster -> want(cluster, revisions));
    if (!services.isEmpty()) {
      retire();
      giveUp(revisions);
    }
    released.forEach((cluster, images) -> remove(cluster, images, revisions));
  }

  private void want(ClusterId cluster, Map<ClusterId, Long> revisions) {
    List<ImageWish> missing =
        bind(handle.createQuery(MISSING), wishes.getOrDefault(cluster, Set.of()))
            .bind("cluster", cluster.value())
            .bind("revision", revisions.getOrDefault(cluster, -1L))
            .map((row, c) -> wish(row))
            .list();
    if (!missing.isEmpty()) {
      bind(handle.createUpdate(WANT), missing)
          .bind("revision", revision(cluster, revisions))
          .execute();
    }
  }

  private static <S extends SqlStatement<S>> S bind(S statement, Collection<ImageWish> images) {
    List<ImageWish> ordered = List.copyOf(images);
    return statement
        .bind("workers", ordered.stream().map(w -> w.worker().value()).toArray(UUID[]::new))
        .bind("images", ordered.stream().map(ImageWish::image).toArray(String[]::new));
  }

  private void giveUp(Map<ClusterId, Long> revisions) {
    handle
        .createQuery(GIVE_UP)
        .bind("services", services.toArray(UUID[]::new))
        .map((row, c) -> Map.entry(new ClusterId(Rows.uuid(row, "cluster_id")), wish(row)))
        .collect(groupingBy(Map.Entry::getKey, mapping(Map.Entry::getValue, toList())))
        .forEach(
            (cluster, images) ->
                bind(handle.createUpdate(LET_GO), images)
                    .bind("revision", revision(cluster, revisions))
                    .execute());
  }

  private static ImageWish wish(ResultSet row) throws SQLException {
    return new ImageWish(new WorkerId(Rows.uuid(row, "worker_id")), row.getString("image"));
  }

  private void retire() {
    handle
        .createUpdate(RETIRE)
        .bind("services", services.toArray(UUID[]::new))
        .bind("kept", KEPT_RELEASES)
        .executeAndReturnGeneratedKeys("cluster_id", "image")
        .map(
            (row, c) ->
                Map.entry(new ClusterId(Rows.uuid(row, "cluster_id")), row.getString("image")))
        .list()
        .forEach(e -> release(e.getKey(), e.getValue()));
  }

  private void remove(ClusterId cluster, Set<String> images, Map<ClusterId, Long> revisions) {
    handle
        .createUpdate(REMOVE + " and i.image = any(:images)")
        .bind("cluster", cluster.value())
        .bind("images", images.toArray(String[]::new))
        .bind("revision", revision(cluster, revisions))
        .execute();
  }

  private long revision(ClusterId cluster, Map<ClusterId, Long> revisions) {
    Long known = revisions.get(cluster);
    return known == null ? Revisions.next(handle, cluster) : known;
  }
}
