package dev.skep.controlplane.state;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.reconcile.Fate;
import dev.skep.controlplane.reconcile.Images;
import dev.skep.controlplane.reconcile.ServiceView;
import dev.skep.controlplane.reconcile.Situation;
import dev.skep.controlplane.schedule.FleetView;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Some services and all workers of their clusters, read in one transaction that holds the services.
 *
 * @param hostPorts fixed ports in use, per worker
 * @param images how far workers are with the images of the services' target releases
 */
public record Snapshot(
    List<ServiceView> services,
    Map<ClusterId, List<Worker>> workers,
    Map<WorkerId, Set<Integer>> hostPorts,
    Images images) {

  /** The same as if a worker had died just now. */
  public Snapshot withLost(WorkerId worker, Instant now) {
    Map<ClusterId, List<Worker>> changed = new HashMap<>();
    workers.forEach(
        (cluster, there) ->
            changed.put(
                cluster,
                there.stream().map(w -> w.id().equals(worker) ? w.lost(now) : w).toList()));
    return new Snapshot(services, changed, hostPorts, images);
  }

  /** What surrounds the services of one cluster. */
  public Situation situation(ClusterId cluster, Instant now, Duration heartbeatTimeout) {
    List<Worker> there = workers.getOrDefault(cluster, List.of());
    return new Situation(
        new FleetView(there, hostPorts, now, heartbeatTimeout),
        Fate.of(there, now, heartbeatTimeout),
        images,
        now);
  }
}
