package dev.skep.controlplane.state;

import dev.skep.controlplane.reconcile.ServiceView;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Deletes the rows of a service of which nothing is left, and its network with the last one. */
final class ServicePurge {
  private static final String RETIRE_NETWORK =
      """
      update networks set removing = true, generation = generation + 1, revision = :revision
      where organization_id = :organization and cluster_id = :cluster and not removing
        and not exists (select 1 from container_services
                        where organization_id = :organization and cluster_id = :cluster)
      """;
  private final Handle handle;

  ServicePurge(Handle handle) {
    this.handle = handle;
  }

  /** Log lines go with it: nobody could ask for them any more. */
  void purge(ServiceView view) {
    for (String table : new String[] {"log_chunks", "log_heads", "log_positions"}) {
      handle
          .createUpdate("delete from " + table + " where service_id = :id")
          .bind("id", view.id().value())
          .execute();
    }
    handle
        .createUpdate(
            "update volumes set kept_since = now(), kept_because = 'its service was deleted'"
                + " where service_id = :id and kept_since is null")
        .bind("id", view.id().value())
        .execute();
    handle
        .createUpdate("delete from container_services where id = :id")
        .bind("id", view.id().value())
        .execute();
    // Waits for services that are being created, so that the next statement sees them.
    handle
        .createQuery(
            "select id from networks where organization_id = :organization and cluster_id = :cluster for update")
        .bind("organization", view.organization().value())
        .bind("cluster", view.cluster().value())
        .mapTo(UUID.class)
        .list();
    handle
        .createUpdate(RETIRE_NETWORK)
        .bind("organization", view.organization().value())
        .bind("cluster", view.cluster().value())
        .bind("revision", Revisions.next(handle, view.cluster()))
        .execute();
  }
}
