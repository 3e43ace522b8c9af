package dev.skep.controlplane.services;

import static java.util.stream.Collectors.joining;

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
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import java.util.List;
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
      String name,
      int replicas,
      ServicePolicy policy,
      @Nullable UUID requestId,
      byte @Nullable [] requestHash) {}

  /** Writes the row; its first release comes next. */
  ServiceId create(NewService service, ClusterId cluster) {
    ServiceId id = new ServiceId(ids.get());
    try {
      handle
          .createUpdate(
              """
              insert into container_services (id, organization_id, cluster_id, name, wanted, replicas, policy, request_id, request_hash)
              values (:id, :organization, :cluster, :name, 'RUNNING', :replicas, :policy::jsonb, :request, :hash)
              """)
          .bind("id", id.value())
          .bind("organization", organization.value())
          .bind("cluster", cluster.value())
          .bind("name", service.name())
          .bind("replicas", service.replicas())
          .bind("policy", Json.write(service.policy()))
          .bind("request", service.requestId())
          .bind("hash", service.requestHash())
          .execute();
    } catch (UnableToExecuteStatementException e) {
      Optional<String> broken = Database.brokenConstraint(e);
      if (broken.filter("container_services_organization_id_name_key"::equals).isPresent()) {
        throw nameTaken("name", service.name());
      }
      throw e;
    }
    return id;
  }

  /**
   * For somebody who only wants to know: a create finds out by itself.
   *
   * @throws Refusal NAME_TAKEN
   */
  void checkFree(String name) {
    boolean taken =
        handle
            .createQuery(
                "select exists (select 1 from container_services where organization_id = :organization and name = :name)")
            .bind("organization", organization.value())
            .bind("name", name)
            .mapTo(Boolean.class)
            .one();
    if (taken) {
      throw nameTaken("service", name);
    }
  }

  private static Refusal nameTaken(String field, String name) {
    return Refusal.ofField(
        Reason.NAME_TAKEN,
        field,
        "a service \"" + name + "\" exists; choose another name or delete that service");
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
    new SecretPins(handle, organization).pin(service, release, spec);
    return release;
  }

  /** A release like the one that is, with the newest version of each secret. */
  ReleaseId again(ServiceRecord service) {
    return release(service.id(), service.release().spec(), service.release().imageDigest());
  }

  /** The one that is, or one with newer versions of its secrets when there are any. */
  ReleaseId withNewestSecrets(ServiceRecord service) {
    ReleaseId current = service.release().id();
    return secretsAreOld(service) ? again(service) : current;
  }

  boolean secretsAreOld(ServiceRecord service) {
    return new SecretPins(handle, organization).outdated(service.release().id());
  }

  /** Replicas of a release that was just made stop before their successors start. */
  void stopFirst(ReleaseId release) {
    handle.execute(
        "update releases set stop_first = true where organization_id = ? and id = ?",
        organization.value(),
        release.value());
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

  /** Whoever pays what is owed does not start it again. */
  void stayStopped(ServiceId service) {
    handle.execute(
        "update container_services set suspended_at = null"
            + " where organization_id = ? and id = ? and suspended_at is not null",
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

  void policy(ServiceId service, ServicePolicy policy) {
    handle.execute(
        "update container_services set version = version + 1, policy = ?::jsonb where organization_id = ? and id = ?",
        Json.write(policy),
        organization.value(),
        service.value());
  }

  /** Makes a release that is there the target. */
  void target(ServiceId service, ReleaseId release) {
    handle.execute(
        "update container_services set version = version + 1, release_id = ? where organization_id = ? and id = ?",
        release.value(),
        organization.value(),
        service.value());
  }

  /**
   * A kept release by its number; 0 for the newest kept one before the target.
   *
   * @throws Refusal RELEASE_NOT_KEPT naming those that are
   */
  KeptRelease releaseToRollBackTo(ServiceRecord service, int number) {
    List<KeptRelease> kept =
        handle
            .createQuery(
                """
                select id, number, jsonb_array_length(coalesce(spec -> 'volumes', '[]')) as volumes from releases
                where organization_id = :organization and service_id = :service and kept and id <> :current
                order by number desc
                """)
            .bind("organization", organization.value())
            .bind("service", service.id().value())
            .bind("current", service.release().id().value())
            .map(
                (row, c) ->
                    new KeptRelease(
                        new ReleaseId(row.getObject("id", UUID.class)),
                        row.getInt("number"),
                        row.getInt("volumes")))
            .list();
    return kept.stream()
        .filter(r -> number == 0 ? r.number() < service.release().number() : r.number() == number)
        .findFirst()
        .orElseThrow(() -> notKept(number, kept));
  }

  private static Refusal notKept(int number, List<KeptRelease> kept) {
    String choice =
        kept.isEmpty()
            ? "there is no other release"
            : "use one of "
                + kept.stream().map(r -> String.valueOf(r.number())).collect(joining(", "));
    return Refusal.ofField(
        Reason.RELEASE_NOT_KEPT,
        "release_number",
        (number == 0 ? "no release came before this one" : number + " is not kept")
            + "; "
            + choice);
  }

  /**
   * The name of the worker that has the volumes of a service.
   *
   * @throws Refusal DATA_STAYS when there are none; WORKER_WELL when it can run there
   */
  String workerToAbandon(ServiceRecord service) {
    Home home =
        handle
            .createQuery(
                """
                select v.worker_name,
                       coalesce(w.availability in ('ACTIVE', 'CORDONED')
                                and (w.connected or (w.swarm_node_state <> 'down' and w.swarm_reachable)), false) as well
                from volumes v left join container_workers w on w.id = v.worker_id
                where v.organization_id = :organization and v.service_id = :service and v.kept_since is null
                order by v.id limit 1
                """)
            .bind("organization", organization.value())
            .bind("service", service.id().value())
            .map((row, c) -> new Home(row.getString("worker_name"), row.getBoolean("well")))
            .findOne()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.DATA_STAYS, "the service has no volumes that could be left behind"));
    if (home.well) {
      throw new Refusal(
          Reason.WORKER_WELL,
          "its worker "
              + home.worker
              + " is neither lost nor drained; to start with empty volumes all the same, drain the"
              + " worker or give the volumes other names");
    }
    return home.worker;
  }

  private record Home(String worker, boolean well) {}

  /** False when it has ended. */
  boolean cancel(ServiceId service, UUID deployment) {
    return handle.execute(
            """
            update container_deployments set cancel_requested_at = coalesce(cancel_requested_at, now())
            where organization_id = ? and service_id = ? and id = ? and ended_at is null
            """,
            organization.value(),
            service.value(),
            deployment)
        > 0;
  }

  /** What a deployment that scales goes back to when it is cancelled. */
  void replicasBefore(DeploymentId deployment, int replicas) {
    handle.execute(
        "update container_deployments set replicas_before = ? where organization_id = ? and id = ?",
        replicas,
        organization.value(),
        deployment.value());
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
