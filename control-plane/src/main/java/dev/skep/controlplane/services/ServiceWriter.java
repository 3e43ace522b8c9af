package dev.skep.controlplane.services;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.EventWriter;
import dev.skep.controlplane.workload.ServiceSpec;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a user wants, with the deployment that makes it true, in the caller's transaction.
 */
final class ServiceWriter {
  private final Handle handle;
  private final OrganizationId organization;
  private final Supplier<UUID> ids;

  ServiceWriter(Handle handle, OrganizationId organization, Supplier<UUID> ids) {
    this.handle = handle;
    this.organization = organization;
    this.ids = ids;
  }

  /** What a client asked to create. */
  record NewService(
      String name, int replicas, @Nullable UUID requestId, byte @Nullable [] requestHash) {}

  /** Writes the row; its first release comes next. */
  ServiceId create(NewService service, ClusterId cluster) {
    ServiceId id = new ServiceId(ids.get());
    try {
      handle
          .createUpdate(
              """
              insert into container_services (id, organization_id, cluster_id, name, wanted, replicas, request_id, request_hash)
              values (:id, :organization, :cluster, :name, 'RUNNING', :replicas, :request, :hash)
              """)
          .bind("id", id.value())
          .bind("organization", organization.value())
          .bind("cluster", cluster.value())
          .bind("name", service.name())
          .bind("replicas", service.replicas())
          .bind("request", service.requestId())
          .bind("hash", service.requestHash())
          .execute();
    } catch (UnableToExecuteStatementException e) {
      Optional<String> broken = Database.brokenConstraint(e);
      if (broken.filter("container_services_organization_id_name_key"::equals).isPresent()) {
        throw Refusal.ofField(
            Reason.NAME_TAKEN,
            "name",
            "a service \""
                + service.name()
                + "\" exists; choose another name or delete that service");
      }
      throw e;
    }
    return id;
  }

  /** Makes a release the one that shall run. */
  ReleaseId release(ServiceId service, ServiceSpec spec, String digest) {
    ReleaseId release = new ReleaseId(ids.get());
    handle
        .createUpdate(
            """
            with head as (update container_services set last_release_number = last_release_number + 1, release_id = :id
                          where organization_id = :organization and id = :service returning last_release_number)
            insert into releases (id, organization_id, service_id, number, image_digest, spec)
            select :id, :organization, :service, last_release_number, :digest, :spec::jsonb from head
            """)
        .bind("id", release.value())
        .bind("organization", organization.value())
        .bind("service", service.value())
        .bind("digest", digest)
        .bind("spec", Json.write(spec))
        .execute();
    return release;
  }

  /**
   * Changes columns of the service and counts the version up. {@code assignments} is our own text.
   */
  void update(ServiceId service, String assignments) {
    handle.execute(
        "update container_services set version = version + 1, "
            + assignments
            + " where organization_id = ? and id = ?",
        organization.value(),
        service.value());
  }

  void scale(ServiceId service, int replicas) {
    handle.execute(
        "update container_services set version = version + 1, replicas = ? where organization_id = ? and id = ?",
        replicas,
        organization.value(),
        service.value());
  }

  /** Starts a deployment; one that is under way makes room for it. */
  DeploymentId deploy(ServiceId service, ReleaseId release, String cause) {
    supersede(service);
    return begin(service, release, cause);
  }

  /** Starts the deployment of a service that is new: there is none that could be under way. */
  DeploymentId deployNew(ServiceId service, ReleaseId release) {
    return begin(service, release, "created");
  }

  private DeploymentId begin(ServiceId service, ReleaseId release, String cause) {
    DeploymentId id = new DeploymentId(ids.get());
    handle
        .createUpdate(
            """
            insert into container_deployments (id, organization_id, service_id, release_id, state, cause)
            values (:id, :organization, :service, :release, 'PENDING', :cause)
            """)
        .bind("id", id.value())
        .bind("organization", organization.value())
        .bind("service", service.value())
        .bind("release", release.value())
        .bind("cause", cause)
        .execute();
    event(
        service,
        new EventWriter.Event(
            id, "deployment_pending", "Deployment started: the service was " + cause));
    return id;
  }

  /** Something else than a deployment happened. */
  void event(ServiceId service, EventWriter.Event event) {
    EventWriter.append(handle, organization, service, event);
  }

  void announce(ServiceId service) {
    new Change(Change.Topic.SERVICE, service.value()).announce(handle);
  }

  private void supersede(ServiceId service) {
    handle
        .createQuery(
            """
            update container_deployments
            set state = 'SUPERSEDED', reason = 'a newer deployment took its place', ended_at = now(), phase_since = now()
            where organization_id = :organization and service_id = :service and ended_at is null
            returning id
            """)
        .bind("organization", organization.value())
        .bind("service", service.value())
        .mapTo(UUID.class)
        .list()
        .forEach(
            id ->
                event(
                    service,
                    new EventWriter.Event(
                        new DeploymentId(id),
                        "deployment_superseded",
                        "Deployment is superseded: a newer one took its place")));
  }
}
