package dev.skep.controlplane.state;

import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.reconcile.DeploymentStep;
import dev.skep.controlplane.reconcile.PlacementChange;
import dev.skep.controlplane.reconcile.ServicePlan;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.ServiceSpec;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;

/** Writes plans; the caller's transaction holds the services and the lease. */
final class PlanWriter {
  private static final String CREATE =
      """
      insert into placements (id, organization_id, service_id, cluster_id, worker_id, release_id, replicas,
                              restart_generation, revision, cpu_millis, memory_bytes, host_ports, pinned_node)
      values (:id, :organization, :service, :cluster, :worker, :release, :replicas,
              :restart, :revision, :cpu, :memory, :hostPorts,
              (select swarm_node_id from container_workers where id = :worker))
      """;
  private static final String UPDATE =
      """
      update placements
      set release_id = :release, replicas = :replicas, restart_generation = :restart, removing = false,
          generation = generation + 1, revision = :revision, observed_state = 'PENDING', cpu_millis = :cpu, memory_bytes = :memory,
          host_ports = :hostPorts
      where id = :id
      """;
  private static final String RESIZE =
      "update placements set replicas = :replicas, generation = generation + 1, revision = :revision,"
          + " observed_state = 'PENDING' where id = :id";
  private static final String REMOVE =
      "update placements set removing = true, generation = generation + 1, revision = :revision,"
          + " observed_state = 'PENDING' where id = :id";
  private static final String STEP =
      """
      update container_deployments
      set state = :state, reason = :reason,
          phase_since = case when state = :state then phase_since else now() end,
          ended_at = case when :ended then now() end, failed_container = :container
      where id = :id
      """;
  private static final String RESERVED =
      """
      update container_workers w
      set reserved_cpu_millis = p.cpu, reserved_memory_bytes = p.memory, replicas = p.replicas
      from (select w2.id, coalesce(sum(p.cpu_millis * p.replicas), 0) as cpu,
                   coalesce(sum(p.memory_bytes * p.replicas), 0) as memory,
                   coalesce(sum(p.replicas), 0) as replicas
            from container_workers w2 left join placements p on p.worker_id = w2.id
            where w2.id = any(:ids) group by w2.id) p
      where w.id = p.id
      """;

  private final Handle handle;
  private final Supplier<UUID> ids;
  private final ImageWriter images;
  private final Map<ClusterId, Long> revisions = new HashMap<>();
  private final Set<UUID> touchedWorkers = new HashSet<>();

  PlanWriter(Handle handle, Supplier<UUID> ids) {
    this.handle = handle;
    this.ids = ids;
    this.images = new ImageWriter(handle);
  }

  void write(ServicePlan plan) {
    images.changed(plan.view().id());
    images.wish(plan.view().cluster(), plan.images());
    plan.changes().forEach(change -> write(plan.view(), change));
    plan.steps().forEach(step -> write(plan.view(), step));
    ServiceChangeWriter service = new ServiceChangeWriter(handle, ids, images);
    plan.events().forEach(event -> service.write(plan.view(), event));
    plan.service().forEach(change -> service.write(plan.view(), change));
  }

  /** What workers have reserved, counted anew for those that were touched, and their images. */
  void finish() {
    images.finish(revisions);
    if (!touchedWorkers.isEmpty()) {
      handle.createUpdate(RESERVED).bind("ids", touchedWorkers.toArray(UUID[]::new)).execute();
    }
  }

  private void write(ServiceView view, PlacementChange change) {
    switch (change) {
      case PlacementChange.Create c -> create(view, c);
      case PlacementChange.Update u -> update(view, u);
      case PlacementChange.Resize(PlacementId id, int replicas) -> {
        touch(view, id);
        handle
            .createUpdate(RESIZE)
            .bind("replicas", replicas)
            .bind("revision", revision(view))
            .bind("id", id.value())
            .execute();
      }
      case PlacementChange.Remove(PlacementId id) -> {
        touch(view, id);
        handle
            .createUpdate(REMOVE)
            .bind("revision", revision(view))
            .bind("id", id.value())
            .execute();
      }
      case PlacementChange.Forget(PlacementId id) -> {
        touch(view, id);
        handle
            .createUpdate("delete from placements where id = :id")
            .bind("id", id.value())
            .execute();
      }
    }
  }

  private void create(ServiceView view, PlacementChange.Create create) {
    touchedWorkers.add(create.worker().value());
    bindWorkload(handle.createUpdate(CREATE), view, create.release(), create.replicas())
        .bind("id", ids.get())
        .bind("organization", view.organization().value())
        .bind("service", view.id().value())
        .bind("cluster", view.cluster().value())
        .bind("worker", create.worker().value())
        .bind("restart", create.restartGeneration())
        .execute();
  }

  private void update(ServiceView view, PlacementChange.Update update) {
    touch(view, update.id());
    bindWorkload(handle.createUpdate(UPDATE), view, update.release(), update.replicas())
        .bind("id", update.id().value())
        .bind("restart", update.restartGeneration())
        .execute();
  }

  private <S extends SqlStatement<S>> S bindWorkload(
      S statement, ServiceView view, ReleaseId release, int replicas) {
    ServiceSpec spec = view.target().spec();
    Resources each = spec.resources();
    return statement
        .bind("release", release.value())
        .bind("replicas", replicas)
        .bind("revision", revision(view))
        .bind("cpu", each.cpuMillis())
        .bind("memory", each.memoryBytes())
        .bind("hostPorts", spec.hostPorts().toArray(Integer[]::new));
  }

  private void touch(ServiceView view, PlacementId id) {
    view.placements().stream()
        .filter(p -> p.id().equals(id))
        .forEach(p -> touchedWorkers.add(p.worker().value()));
  }

  private long revision(ServiceView view) {
    return revisions.computeIfAbsent(view.cluster(), cluster -> Revisions.next(handle, cluster));
  }

  private void write(ServiceView view, DeploymentStep step) {
    handle
        .createUpdate(STEP)
        .bind("state", step.state().name())
        .bind("reason", step.reason())
        .bind("ended", step.state().ended())
        .bind("container", step.failedContainer())
        .bind("id", step.id().value())
        .execute();
    EventWriter.append(handle, view.organization(), view.id(), EventWriter.Event.of(step));
  }
}
