package dev.skep.controlplane.volumes;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.state.Revisions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Deletes what was kept for long enough, and nothing else. */
final class VolumeRetention {
  private static final String OVER =
      "from volumes where kept_since < clock_timestamp() - :retention * interval '1 second' and not removing";

  /** There is nobody to ask any more. */
  private static final String FORGET =
      """
      delete from volumes v
      where v.kept_since is not null and not exists (select 1 from container_workers w where w.id = v.worker_id)
      """;

  private final Database database;
  private final Duration retention;

  VolumeRetention(Database database, Duration retention) {
    this.database = database;
    this.retention = retention;
  }

  /** May run on several control planes at once. */
  void apply() {
    database.useTransaction(handle -> handle.execute(FORGET));
    List<UUID> clusters =
        database.read(
            h ->
                h.createQuery("select distinct cluster_id " + OVER)
                    .bind("retention", retention.toSeconds())
                    .mapTo(UUID.class)
                    .list());
    clusters.forEach(id -> database.useTransaction(h -> apply(h, new ClusterId(id))));
  }

  private void apply(Handle handle, ClusterId cluster) {
    handle
        .createUpdate(
            "update volumes set removing = true, generation = generation + 1, revision = :revision"
                + " where cluster_id = :cluster and id in (select id "
                + OVER
                + ")")
        .bind("revision", Revisions.next(handle, cluster))
        .bind("cluster", cluster.value())
        .bind("retention", retention.toSeconds())
        .execute();
  }
}
