package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.ClusterId;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Finds now and then what the leader's passes missed: images that are missing or that nobody needs.
 */
public final class ImageUpkeep {
  private static final String ADD =
      """
      insert into worker_images (worker_id, image, revision)
      select distinct p.worker_id, r.image, :revision
      from placements p join releases r on r.id = p.release_id
      where p.cluster_id = :cluster and not p.removing
      on conflict do nothing
      """;

  private final Database database;

  public ImageUpkeep(Database database) {
    this.database = database;
  }

  /** May run on several control planes at once. */
  public void maintain() {
    List<UUID> clusters =
        database.read(h -> h.createQuery("select id from clusters").mapTo(UUID.class).list());
    clusters.forEach(id -> database.useTransaction(h -> maintain(h, new ClusterId(id))));
  }

  private static void maintain(Handle handle, ClusterId cluster) {
    // Holds off the leader, so that it adds no placement between the statements.
    long revision = Revisions.next(handle, cluster);
    for (String statement : List.of(ADD, ImageWriter.REMOVE)) {
      handle
          .createUpdate(statement)
          .bind("cluster", cluster.value())
          .bind("revision", revision)
          .execute();
    }
  }
}
