package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.ObjectStatus;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.Revisions;
import dev.skep.controlplane.workload.ObjectState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * Writes what agents say about the images of their own workers, of all reports of a transaction
 * together. When a worker has got an image, the placements that were hidden for want of it get a
 * new revision, so that the manager's agent hears of them.
 */
final class ImageStatusWriter {
  static final String PREFIX = "image/";

  /** Read before anything is locked; of one worker only the thread that writes here changes it. */
  private static final String NEWS =
      """
      select w.cluster_id, bool_or(n.state = 'APPLIED' or n.code = 'unknown_kind') as ready
      from unnest(:workers::uuid[], :images::text[], :generations::bigint[], :states::text[], :codes::text[],
                  :messages::text[]) n (worker_id, image, generation, state, code, message)
      join worker_images i on i.worker_id = n.worker_id and i.image = n.image
      join container_workers w on w.id = n.worker_id
      where ((n.state = 'REMOVED' and i.removing and n.generation <= i.generation)
             or (n.state <> 'REMOVED' and not i.removing and n.generation = i.generation))
        and (i.observed_state, i.observed_code, i.observed_message) is distinct from (n.state, n.code, n.message)
      group by w.cluster_id
      order by w.cluster_id
      """;

  private static final String UPDATE =
      """
      update worker_images i
      set observed_state = n.state, observed_code = n.code, observed_message = n.message
      from unnest(:workers::uuid[], :images::text[], :generations::bigint[], :states::text[], :codes::text[],
                  :messages::text[]) n (worker_id, image, generation, state, code, message)
      where i.worker_id = n.worker_id and i.image = n.image
        and ((n.state = 'REMOVED' and i.removing and n.generation <= i.generation)
             or (n.state <> 'REMOVED' and not i.removing and n.generation = i.generation))
        and (i.observed_state, i.observed_code, i.observed_message) is distinct from (n.state, n.code, n.message)
      """;
  private static final String FORGET =
      """
      delete from worker_images
      where worker_id = any(:workers) and removing and observed_state = 'REMOVED'
      """;
  private static final String SHOW =
      """
      update placements p set revision = :revision
      from releases r, worker_images i
      where p.cluster_id = :cluster and p.worker_id = any(:workers)
        and not p.removing and p.observed_generation = 0
        and r.id = p.release_id and i.worker_id = p.worker_id and i.image = r.image and i.image = any(:images)
        and not i.removing and (i.observed_state = 'APPLIED' or i.observed_code = 'unknown_kind')
      """;

  private final Handle handle;

  /** The last word about each image of each worker. */
  private final Map<Key, Word> words = new LinkedHashMap<>();

  private record Key(WorkerId worker, String image) {}

  private record Word(ObjectState state, ObjectStatus status) {}

  ImageStatusWriter(Handle handle) {
    this.handle = handle;
  }

  void add(WorkerId worker, List<ObjectStatus> objects) {
    for (ObjectStatus status : objects) {
      if (status.getAssignmentId().startsWith(PREFIX)) {
        String image = StatusWriter.cut(status.getAssignmentId().substring(PREFIX.length()));
        StatusWriter.state(status)
            .ifPresent(state -> words.put(new Key(worker, image), new Word(state, status)));
      }
    }
  }

  /**
   * To be called before the transaction holds a row of a placement: the leader takes the cluster
   * first and its placements after it.
   */
  void write() {
    if (words.isEmpty()) {
      return;
    }
    Map<ClusterId, Boolean> news = new LinkedHashMap<>();
    bindWords(handle.createQuery(NEWS))
        .map(
            (row, c) ->
                Map.entry(
                    new ClusterId(row.getObject("cluster_id", UUID.class)),
                    row.getBoolean("ready")))
        .forEach(e -> news.put(e.getKey(), e.getValue()));
    if (news.isEmpty()) {
      return;
    }
    Map<ClusterId, Long> revisions = revisions(news);
    bindWords(handle.createUpdate(UPDATE)).execute();
    handle.createUpdate(FORGET).bind("workers", workers()).execute();
    revisions.forEach(this::show);
  }

  /**
   * The cluster's row has to be held before an image becomes ready: a placement that the leader
   * writes at this moment is either seen by {@link #SHOW}, or sees the image.
   */
  private Map<ClusterId, Long> revisions(Map<ClusterId, Boolean> news) {
    Map<ClusterId, Long> revisions = new LinkedHashMap<>();
    news.forEach(
        (cluster, ready) -> {
          if (ready) {
            revisions.put(cluster, Revisions.next(handle, cluster));
          } else {
            new Change(Change.Topic.CLUSTER, cluster.value()).announce(handle);
          }
        });
    return revisions;
  }

  private void show(ClusterId cluster, long revision) {
    handle
        .createUpdate(SHOW)
        .bind("cluster", cluster.value())
        .bind("revision", revision)
        .bind("workers", workers())
        .bind("images", words.keySet().stream().map(Key::image).toArray(String[]::new))
        .execute();
  }

  private UUID[] workers() {
    return words.keySet().stream().map(k -> k.worker().value()).toArray(UUID[]::new);
  }

  private <S extends SqlStatement<S>> S bindWords(S statement) {
    List<Word> all = new ArrayList<>(words.values());
    return statement
        .bind("workers", workers())
        .bind("images", words.keySet().stream().map(Key::image).toArray(String[]::new))
        .bind("generations", all.stream().map(w -> w.status.getGeneration()).toArray(Long[]::new))
        .bind("states", all.stream().map(w -> w.state.name()).toArray(String[]::new))
        .bind(
            "codes",
            all.stream().map(w -> StatusWriter.cut(w.status.getCode())).toArray(String[]::new))
        .bind(
            "messages",
            all.stream().map(w -> StatusWriter.cut(w.status.getMessage())).toArray(String[]::new));
  }
}
