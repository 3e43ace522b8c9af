package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.integers;
import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.ServiceChange;
import dev.skep.controlplane.reconcile.ServiceEvent;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Writes what the leader decides of services' own rows, and what people should know of it. */
final class ServiceChangeWriter {
  private static final String DEPLOY =
      """
      insert into container_deployments (id, organization_id, service_id, release_id, state, cause)
      select id, organization, service, release, 'PENDING', cause
      from unnest(:ids::uuid[], :organizations::uuid[], :services::uuid[], :releases::uuid[], :causes::text[])
           n (id, organization, service, release, cause)
      """;
  private static final String PROVEN =
      """
      update container_services s set good_release_id = n.release
      from unnest(:ids::uuid[], :values::uuid[]) n (id, release) where s.id = n.id
      """;
  private static final String TARGET =
      """
      update container_services s set release_id = n.release, version = version + 1
      from unnest(:ids::uuid[], :values::uuid[]) n (id, release) where s.id = n.id
      """;
  private static final String STOP =
      "update container_services set wanted = 'STOPPED', version = version + 1 where id = any(:ids::uuid[])";
  private static final String SCALE =
      """
      update container_services s set replicas = n.replicas, version = version + 1
      from unnest(:ids::uuid[], :values::int[]) n (id, replicas) where s.id = n.id
      """;
  private static final String WAIT =
      """
      update container_services s set waiting_for = n.what
      from unnest(:ids::uuid[], :values::text[]) n (id, what) where s.id = n.id
      """;

  private final Supplier<UUID> ids;
  private final ImageWriter images;
  private final VolumeWriter volumes;
  private final EventWriter events;
  private final NotificationWriter notifications = new NotificationWriter();
  private final List<ServiceView> purged = new ArrayList<>();
  private final Bulk proven = new Bulk(PROVEN, uuids("ids"), uuids("values"));
  private final Bulk targeted = new Bulk(TARGET, uuids("ids"), uuids("values"));
  private final Bulk stopped = new Bulk(STOP, uuids("ids"));
  private final Bulk scaled = new Bulk(SCALE, uuids("ids"), integers("values"));
  private final Bulk waiting = new Bulk(WAIT, uuids("ids"), texts("values"));
  private final Bulk deployments =
      new Bulk(
          DEPLOY,
          uuids("ids"),
          uuids("organizations"),
          uuids("services"),
          uuids("releases"),
          texts("causes"));

  ServiceChangeWriter(
      Supplier<UUID> ids, ImageWriter images, VolumeWriter volumes, EventWriter events) {
    this.ids = ids;
    this.images = images;
    this.volumes = volumes;
    this.events = events;
  }

  void add(ServiceView view, ServiceChange change) {
    UUID id = view.id().value();
    switch (change) {
      case ServiceChange.Proven(Release release) -> proven.add(id, release.id().value());
      case ServiceChange.GoBack(Release release, String cause) -> {
        targeted.add(id, release.id().value());
        deploy(view, release.id().value(), cause);
      }
      case ServiceChange.Stop() -> stopped.add(id);
      case ServiceChange.ScaleBack(int replicas) -> scaled.add(id, replicas);
      case ServiceChange.LeaveVolumes(WorkerId worker, String because) ->
          volumes.leave(view, worker, because);
      case ServiceChange.StayWithVolumes() -> volumes.stay(view);
      case ServiceChange.WaitFor(String what) -> waiting.add(id, what);
      case ServiceChange.Purge() -> purged.add(view);
    }
  }

  private void deploy(ServiceView view, UUID release, String cause) {
    DeploymentId id = new DeploymentId(ids.get());
    deployments.add(id.value(), view.organization().value(), view.id().value(), release, cause);
    events.add(
        view.organization(),
        view.id(),
        new EventWriter.Event(id, "deployment_pending", "Deployment started: " + cause));
  }

  void add(ServiceView view, ServiceEvent event) {
    events.add(
        view.organization(), view.id(), new EventWriter.Event(null, event.type(), event.message()));
    notifications.add(
        ids.get(),
        new Notification(
            view.organization(),
            Notification.Severity.WARNING,
            event.type(),
            view.name(),
            event.message()));
  }

  /** Deployments that have ended are written before: a service has one that has not. */
  void write(Handle handle) {
    for (Bulk bulk : new Bulk[] {proven, targeted, stopped, scaled, waiting, deployments}) {
      bulk.execute(handle);
    }
    events.write(handle);
    notifications.write(handle);
    for (ServiceView view : purged) {
      images.purging(view.cluster(), view.id());
      new ServicePurge(handle).purge(view);
    }
  }
}
