package dev.skep.controlplane.state;

import static dev.skep.controlplane.state.Bulk.Column.integers;
import static dev.skep.controlplane.state.Bulk.Column.longs;
import static dev.skep.controlplane.state.Bulk.Column.texts;
import static dev.skep.controlplane.state.Bulk.Column.uuids;

import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.reconcile.PlacementChange;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServiceSpec;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/** Collects what becomes of placements and writes each kind of change in one statement. */
final class PlacementWriter {
  private static final String CREATE =
      """
      insert into placements (id, organization_id, service_id, cluster_id, worker_id, release_id, replicas,
                              restart_generation, revision, cpu_millis, memory_bytes, host_ports, pinned_node)
      select n.id, n.organization, n.service, n.cluster, n.worker, n.release, n.replicas,
             n.restart, n.revision, n.cpu, n.memory, n.ports::int[], w.swarm_node_id
      from unnest(:ids::uuid[], :organizations::uuid[], :services::uuid[], :clusters::uuid[], :workers::uuid[],
                  :releases::uuid[], :replicas::int[], :restarts::bigint[], :revisions::bigint[],
                  :cpus::bigint[], :memories::bigint[], :ports::text[])
           n (id, organization, service, cluster, worker, release, replicas, restart, revision, cpu, memory, ports)
      left join container_workers w on w.id = n.worker
      """;
  private static final String UPDATE =
      """
      update placements p
      set release_id = n.release, replicas = n.replicas, restart_generation = n.restart, removing = false,
          generation = generation + 1, revision = n.revision, observed_state = 'PENDING',
          cpu_millis = n.cpu, memory_bytes = n.memory, host_ports = n.ports::int[]
      from unnest(:ids::uuid[], :releases::uuid[], :replicas::int[], :restarts::bigint[], :revisions::bigint[],
                  :cpus::bigint[], :memories::bigint[], :ports::text[])
           n (id, release, replicas, restart, revision, cpu, memory, ports)
      where p.id = n.id
      """;
  private static final String RESIZE =
      """
      update placements p
      set replicas = n.replicas, generation = generation + 1, revision = n.revision, observed_state = 'PENDING'
      from unnest(:ids::uuid[], :replicas::int[], :revisions::bigint[]) n (id, replicas, revision)
      where p.id = n.id
      """;
  private static final String REMOVE =
      """
      update placements p
      set removing = true, generation = generation + 1, revision = n.revision, observed_state = 'PENDING'
      from unnest(:ids::uuid[], :revisions::bigint[]) n (id, revision)
      where p.id = n.id
      """;
  private static final String FORGET = "delete from placements where id = any(:ids::uuid[])";
  private static final String RESERVED =
      """
      update container_workers w
      set reserved_cpu_millis = p.cpu, reserved_memory_bytes = p.memory, replicas = p.replicas
      from (select w2.id, coalesce(sum(p.cpu_millis * p.replicas), 0) as cpu,
                   coalesce(sum(p.memory_bytes * p.replicas), 0) as memory,
                   coalesce(sum(p.replicas), 0) as replicas
            from unnest(:ids::uuid[]) w2 (id) left join placements p on p.worker_id = w2.id
            group by w2.id) p
      where w.id = p.id
      """;

  private final Supplier<UUID> ids;
  private final Bulk created =
      new Bulk(
          CREATE,
          uuids("ids"),
          uuids("organizations"),
          uuids("services"),
          uuids("clusters"),
          uuids("workers"),
          uuids("releases"),
          integers("replicas"),
          longs("restarts"),
          longs("revisions"),
          longs("cpus"),
          longs("memories"),
          texts("ports"));
  private final Bulk updated =
      new Bulk(
          UPDATE,
          uuids("ids"),
          uuids("releases"),
          integers("replicas"),
          longs("restarts"),
          longs("revisions"),
          longs("cpus"),
          longs("memories"),
          texts("ports"));
  private final Bulk resized =
      new Bulk(RESIZE, uuids("ids"), integers("replicas"), longs("revisions"));
  private final Bulk removed = new Bulk(REMOVE, uuids("ids"), longs("revisions"));
  private final Bulk forgotten = new Bulk(FORGET, uuids("ids"));
  private final Set<UUID> touchedWorkers = new HashSet<>();

  PlacementWriter(Supplier<UUID> ids) {
    this.ids = ids;
  }

  /** {@code revision} of this transaction, of the cluster of the service. */
  void add(ServiceView view, PlacementChange change, long revision) {
    switch (change) {
      case PlacementChange.Create create -> create(view, create, revision);
      case PlacementChange.Update update -> update(view, update, revision);
      case PlacementChange.Resize(PlacementId id, int replicas) -> {
        touch(view, id);
        resized.add(id.value(), replicas, revision);
      }
      case PlacementChange.Remove(PlacementId id) -> {
        touch(view, id);
        removed.add(id.value(), revision);
      }
      case PlacementChange.Forget(PlacementId id) -> {
        touch(view, id);
        forgotten.add(id.value());
      }
    }
  }

  private void create(ServiceView view, PlacementChange.Create create, long revision) {
    ServiceSpec spec = view.target().spec();
    touchedWorkers.add(create.worker().value());
    created.add(
        ids.get(),
        view.organization().value(),
        view.id().value(),
        view.cluster().value(),
        create.worker().value(),
        create.release().value(),
        create.replicas(),
        create.restartGeneration(),
        revision,
        spec.resources().cpuMillis(),
        spec.resources().memoryBytes(),
        ports(spec));
  }

  private void update(ServiceView view, PlacementChange.Update update, long revision) {
    ServiceSpec spec = view.target().spec();
    touch(view, update.id());
    updated.add(
        update.id().value(),
        update.release().value(),
        update.replicas(),
        update.restartGeneration(),
        revision,
        spec.resources().cpuMillis(),
        spec.resources().memoryBytes(),
        ports(spec));
  }

  /** An array of arrays would have to be square. */
  private static String ports(ServiceSpec spec) {
    return "{" + String.join(",", spec.hostPorts().stream().map(String::valueOf).toList()) + "}";
  }

  private void touch(ServiceView view, PlacementId id) {
    for (Placement placement : view.placements()) {
      if (placement.id().equals(id)) {
        touchedWorkers.add(placement.worker().value());
      }
    }
  }

  /** First what makes room: a worker has one placement of a service. */
  void write(Handle handle) {
    for (Bulk bulk : new Bulk[] {forgotten, removed, resized, updated, created}) {
      bulk.execute(handle);
    }
  }

  /** What workers have reserved, counted anew for those that were touched. */
  void writeReserved(Handle handle) {
    Bulk reserved = new Bulk(RESERVED, uuids("ids"));
    touchedWorkers.stream().sorted().forEach(reserved::add);
    reserved.execute(handle);
  }
}
