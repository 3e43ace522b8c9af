package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.ClusterId;
import org.jdbi.v3.core.Handle;

/** The counter that orders changes of a cluster's assignments. */
public final class Revisions {
  /** Tells every control plane as well, when the transaction commits. */
  private static final String NEXT =
      """
      with next as (update clusters set revision = revision + 1 where id = :id returning revision)
      select revision, pg_notify(:channel, :change) from next
      """;

  private Revisions() {}

  /**
   * The next revision. Holds the cluster's row until the transaction ends, so revisions become
   * visible in their order and a reader who asks for "after n" misses none.
   */
  public static long next(Handle handle, ClusterId cluster) {
    return handle
        .createQuery(NEXT)
        .bind("id", cluster.value())
        .bind("channel", Change.CHANNEL)
        .bind("change", new Change(Change.Topic.CLUSTER, cluster.value()).payload())
        .map((row, c) -> row.getLong("revision"))
        .one();
  }
}
