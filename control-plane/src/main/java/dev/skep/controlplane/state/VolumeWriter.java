package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.PlacementChange;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.VolumeMount;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Ties volumes to the worker where the replica that names them first goes, and unties them. */
final class VolumeWriter {
  private static final String LEAVE =
      """
      update volumes v set kept_since = now(), kept_because = n.because
      from unnest(:services::uuid[], :workers::uuid[], :reasons::text[]) n (service, worker, because)
      where v.service_id = n.service and v.worker_id = n.worker and v.kept_since is null
      """;
  private static final String DONE =
      "update container_services set abandon_requested_at = null where id = any(:ids::uuid[])";
  private static final String TIE =
      """
      insert into volumes (id, organization_id, cluster_id, service_id, service_name, name, worker_id, worker_name)
      select n.id, n.organization, n.cluster, n.service, n.service_name, n.name, n.worker, w.name
      from unnest(:ids::uuid[], :organizations::uuid[], :clusters::uuid[], :services::uuid[], :service_names::text[],
                  :names::text[], :workers::uuid[])
           n (id, organization, cluster, service, service_name, name, worker)
      join container_workers w on w.id = n.worker
      on conflict (service_id, name) where kept_since is null do nothing
      """;

  private final Supplier<UUID> ids;
  private final Bulk left = new Bulk(LEAVE, uuids("services"), uuids("workers"), texts("reasons"));
  private final Bulk done = new Bulk(DONE, uuids("ids"));
  private final Bulk tied =
      new Bulk(
          TIE,
          uuids("ids"),
          uuids("organizations"),
          uuids("clusters"),
          uuids("services"),
          texts("service_names"),
          texts("names"),
          uuids("workers"));

  VolumeWriter(Supplier<UUID> ids) {
    this.ids = ids;
  }

  /** What gives a replica of the target release a worker gives one to its volumes. */
  void add(ServiceView view, PlacementChange change) {
    switch (change) {
      case PlacementChange.Create c -> tie(view, c.worker());
      case PlacementChange.Update u -> tie(view, placement(view, u.id()).worker());
      case PlacementChange.Resize r -> {
        Placement placement = placement(view, r.id());
        if (r.replicas() > 0 && placement.release().equals(view.target().id())) {
          tie(view, placement.worker());
        }
      }
      case PlacementChange.Remove r -> {}
      case PlacementChange.Forget f -> {}
    }
  }

  private void tie(ServiceView view, WorkerId worker) {
    for (VolumeMount volume : view.target().spec().volumes()) {
      tied.add(
          ids.get(),
          view.organization().value(),
          view.cluster().value(),
          view.id().value(),
          view.name(),
          volume.name(),
          worker.value());
    }
  }

  private static Placement placement(ServiceView view, PlacementId id) {
    return view.placements().stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
  }

  void leave(ServiceView view, WorkerId worker, String because) {
    left.add(view.id().value(), worker.value(), because);
    done.add(view.id().value());
  }

  void stay(ServiceView view) {
    done.add(view.id().value());
  }

  /** First what is left behind: a service has one volume of a name that it can use. */
  void write(Handle handle) {
    left.execute(handle);
    done.execute(handle);
    tied.execute(handle);
  }
}
