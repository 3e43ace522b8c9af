package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.ClusterId;
import org.jdbi.v3.core.Handle;

/** The counter that orders changes of a cluster's assignments. */
public final class Revisions {
  private Revisions() {}

  /**
   * The next revision. Holds the cluster's row until the transaction ends, so revisions become
   * visible in their order and a reader who asks for "after n" misses none.
   */
  public static long next(Handle handle, ClusterId cluster) {
    long revision =
        handle
            .createQuery(
                "update clusters set revision = revision + 1 where id = :id returning revision")
            .bind("id", cluster.value())
            .mapTo(Long.class)
            .one();
    new Change(Change.Topic.CLUSTER, cluster.value()).announce(handle);
    return revision;
  }
}
