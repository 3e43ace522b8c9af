package dev.skep.controlplane.workers;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerState;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.Revisions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jdbi.v3.core.Handle;

/**
 * What operators do with workers; each use case is one transaction. It writes what is wanted:
 * moving and removing replicas is the leader's work.
 */
final class WorkersService {
  private static final String UPKEEP =
      """
      update container_workers set availability = :availability, drain_deadline = :deadline, drain_force = :force
      where id = :id
      """;

  private final Database database;
  private final InstantSource clock;
  private final Duration heartbeatTimeout;

  WorkersService(Database database, InstantSource clock, Duration heartbeatTimeout) {
    this.database = database;
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  WorkerRecord cordon(String idOrName) {
    return upkeep(idOrName, new Upkeep(Upkeep.Availability.CORDONED, null, false));
  }

  WorkerRecord uncordon(String idOrName) {
    return upkeep(idOrName, Upkeep.NONE);
  }

  WorkerRecord drain(String idOrName, DrainTerms terms) {
    return upkeep(idOrName, terms.upkeep(clock.instant()));
  }

  private WorkerRecord upkeep(String idOrName, Upkeep wanted) {
    return change(idOrName, (handle, worker) -> write(handle, worker.id(), wanted));
  }

  WorkerRecord update(WorkerUpdate update) {
    return change(
        update.worker(),
        (handle, worker) -> {
          update.checkEtag(WorkerQueries.find(handle, worker.id().toString()).etag());
          handle
              .createUpdate(
                  "update container_workers set labels = :labels::jsonb, taints = :taints where id = :id")
              .bind("labels", Json.write(update.labels(worker)))
              .bind("taints", update.taints(worker).toArray(String[]::new))
              .bind("id", worker.id().value())
              .execute();
        });
  }

  WorkerRecord rotateCertificate(String idOrName) {
    return change(
        idOrName,
        (handle, worker) ->
            handle.execute(
                "update container_workers set certificate_generation = certificate_generation + 1"
                    + " where id = ?",
                worker.id().value()));
  }

  /**
   * Removes a worker without replicas at once. A lost one that still holds some is only marked: the
   * leader takes its placements away and then the row.
   *
   * @return how many replicas were given up
   */
  int delete(String idOrName, Removal removal) {
    return database.inTransaction(
        handle -> {
          Worker worker = locked(handle, idOrName);
          int services = services(handle, worker.id());
          before(worker);
          if (services > 0) {
            removal.check(worker, services, worker.state(clock.instant(), heartbeatTimeout));
            write(handle, worker.id(), new Upkeep(Upkeep.Availability.REMOVED, null, false));
          } else {
            removal.check(worker, owners(handle, worker.id()));
            handle.execute("delete from container_workers where id = ?", worker.id().value());
          }
          announce(handle, worker);
          return services > 0 ? worker.replicas() : 0;
        });
  }

  /** Whether replicas may be lost with their worker. */
  enum Removal {
    ONLY_EMPTY,
    WITH_REPLICAS;

    void check(Worker worker, List<String> volumeOwners) {
      if (this == ONLY_EMPTY && !volumeOwners.isEmpty()) {
        throw new Refusal(
            Reason.WORKER_IN_USE,
            "worker \""
                + worker.name()
                + "\" has the volumes of "
                + String.join(", ", volumeOwners)
                + "; delete those services, or use force to give their data up");
      }
    }

    void check(Worker worker, int services, WorkerState state) {
      String holds = "worker \"" + worker.name() + "\" holds replicas of " + services + " services";
      if (state != WorkerState.LOST && state != WorkerState.REMOVED) {
        throw new Refusal(
            Reason.WORKER_IN_USE,
            holds + "; drain it first (skep workers drain " + worker.name() + ")");
      }
      if (this == ONLY_EMPTY) {
        throw new Refusal(
            Reason.WORKER_IN_USE,
            holds
                + " and is lost; force gives them up: data that only it has is gone, and should the"
                + " machine still run, so do they until somebody stops it");
      }
    }
  }

  /** Names of services that have volumes there. */
  private static List<String> owners(Handle handle, WorkerId worker) {
    return handle
        .createQuery(
            "select distinct service_name from volumes where worker_id = :id and kept_since is null order by 1")
        .bind("id", worker.value())
        .mapTo(String.class)
        .list();
  }

  private WorkerRecord change(String idOrName, BiConsumer<Handle, Worker> work) {
    return database.inTransaction(
        handle -> {
          Worker worker = locked(handle, idOrName);
          if (worker.upkeep().availability() == Upkeep.Availability.REMOVED) {
            throw new Refusal(
                Reason.WORKER_REMOVED, "worker \"" + worker.name() + "\" was removed for good");
          }
          before(worker);
          work.accept(handle, worker);
          announce(handle, worker);
          return WorkerQueries.find(handle, worker.id().toString());
        });
  }

  private static void before(Worker worker) {
    AuditTrail.before(WorkerProtos.setting(worker));
  }

  private static void write(Handle handle, WorkerId worker, Upkeep upkeep) {
    Instant deadline = upkeep.deadline();
    handle
        .createUpdate(UPKEEP)
        .bind("availability", upkeep.availability().name())
        .bind("deadline", deadline)
        .bind("force", upkeep.force())
        .bind("id", worker.value())
        .execute();
  }

  private static Worker locked(Handle handle, String idOrName) {
    WorkerRecord found = WorkerQueries.find(handle, idOrName);
    // In the order of everybody else: the cluster's row, then those of workers.
    Revisions.next(handle, found.worker().cluster());
    handle
        .createQuery("select id from container_workers where id = :id for update")
        .bind("id", found.worker().id().value())
        .mapTo(UUID.class)
        .list();
    return WorkerQueries.find(handle, found.worker().id().toString()).worker();
  }

  private static int services(Handle handle, WorkerId worker) {
    return handle
        .createQuery("select count(*) from placements where worker_id = :id")
        .bind("id", worker.value())
        .mapTo(Integer.class)
        .one();
  }

  /**
   * What runs there has to be looked at; so has what waits for a place, which the cluster's hint
   * says.
   */
  private static void announce(Handle handle, Worker worker) {
    handle
        .createQuery("select distinct service_id from placements where worker_id = :id")
        .bind("id", worker.id().value())
        .mapTo(UUID.class)
        .list()
        .forEach(service -> new Change(Change.Topic.SERVICE, service).announce(handle));
  }
}
