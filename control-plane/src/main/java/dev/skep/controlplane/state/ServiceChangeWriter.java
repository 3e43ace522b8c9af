package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.Notification;
import dev.skep.controlplane.reconcile.ServiceChange;
import dev.skep.controlplane.reconcile.ServiceEvent;
import dev.skep.controlplane.reconcile.ServiceView;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Writes what the leader decides of a service's own row, and what people should know of it. */
final class ServiceChangeWriter {
  private static final String DEPLOY =
      """
      insert into container_deployments (id, organization_id, service_id, release_id, state, cause)
      values (:id, :organization, :service, :release, 'PENDING', :cause)
      """;

  private final Handle handle;
  private final Supplier<UUID> ids;
  private final ImageWriter images;

  ServiceChangeWriter(Handle handle, Supplier<UUID> ids, ImageWriter images) {
    this.handle = handle;
    this.ids = ids;
    this.images = images;
  }

  void write(ServiceView view, ServiceChange change) {
    switch (change) {
      case ServiceChange.Proven(var release) ->
          set(view, "good_release_id = :value", release.id().value());
      case ServiceChange.GoBack(var release, var cause) -> {
        set(view, "release_id = :value, version = version + 1", release.id().value());
        deploy(view, release.id().value(), cause);
      }
      case ServiceChange.Stop() -> set(view, "wanted = :value, version = version + 1", "STOPPED");
      case ServiceChange.ScaleBack(int replicas) ->
          set(view, "replicas = :value, version = version + 1", replicas);
      case ServiceChange.WaitFor(String what) -> set(view, "waiting_for = :value", what);
      case ServiceChange.Purge() -> {
        images.purging(view.cluster(), view.id());
        new ServicePurge(handle).purge(view);
      }
    }
  }

  /** {@code assignment} is our own text. */
  private void set(ServiceView view, String assignment, Object value) {
    handle
        .createUpdate("update container_services set " + assignment + " where id = :id")
        .bind("id", view.id().value())
        .bind("value", value)
        .execute();
  }

  private void deploy(ServiceView view, UUID release, String cause) {
    DeploymentId id = new DeploymentId(ids.get());
    handle
        .createUpdate(DEPLOY)
        .bind("id", id.value())
        .bind("organization", view.organization().value())
        .bind("service", view.id().value())
        .bind("release", release)
        .bind("cause", cause)
        .execute();
    EventWriter.append(
        handle,
        view.organization(),
        view.id(),
        new EventWriter.Event(id, "deployment_pending", "Deployment started: " + cause));
  }

  void write(ServiceView view, ServiceEvent event) {
    EventWriter.append(
        handle,
        view.organization(),
        view.id(),
        new EventWriter.Event(null, event.type(), event.message()));
    NotificationWriter.append(
        handle,
        ids.get(),
        new Notification(
            view.organization(),
            Notification.Severity.WARNING,
            event.type(),
            view.name(),
            event.message()));
  }
}
