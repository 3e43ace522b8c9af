package dev.skep.controlplane.services;

import static java.util.stream.Collectors.toSet;

import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.controlplane.state.Rows;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Port;
import dev.skep.controlplane.workload.ServiceStatus;
import dev.skep.controlplane.workload.Task;
import dev.skep.v1.PinnedSecret;
import dev.skep.v1.Release;
import dev.skep.v1.Replica;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Services as the API shows them; {@code workers} are those that they are on, by id. */
final class ServiceProtos {
  private final Map<WorkerId, Worker> workers;
  private final Set<WorkerId> unseen;
  private final Set<WorkerId> lost;

  ServiceProtos(Map<WorkerId, Worker> workers) {
    this.workers = workers;
    this.unseen =
        workers.values().stream()
            .filter(w -> !w.link().connected())
            .map(Worker::id)
            .collect(toSet());
    this.lost =
        workers.values().stream()
            .filter(w -> !w.link().connected() && w.swarm().down())
            .map(Worker::id)
            .collect(toSet());
  }

  Service service(ServiceRecord service) {
    return Service.newBuilder()
        .setId(service.id().toString())
        .setName(service.name())
        .setSpec(SpecProtos.toProto(service.release().spec(), service.replicas(), service.policy()))
        .setStatus(status(service))
        .setEtag(service.etag())
        .setCreateTime(Paging.timestamp(service.createdAt()))
        .setUpdateTime(Paging.timestamp(service.updatedAt()))
        .build();
  }

  static ServiceState state(ServiceStatus.State state) {
    return ServiceState.valueOf("SERVICE_STATE_" + state.name());
  }

  private dev.skep.v1.ServiceStatus status(ServiceRecord service) {
    ServiceStatus status =
        ServiceStatus.of(
            service.wanted(),
            service.replicas(),
            service.placements(),
            service.latest(),
            new ServiceStatus.Surroundings(unseen, lost, service.waitingFor()));
    dev.skep.v1.ServiceStatus.Builder proto =
        dev.skep.v1.ServiceStatus.newBuilder()
            .setState(state(status.state()))
            .setReason(status.reason())
            .setReplicasWanted(service.replicas())
            .setReplicasRunning(status.running())
            .setRelease(release(service))
            .setDeploymentId(service.latest() == null ? "" : service.latest().id().toString());
    for (Placement placement : service.placements()) {
      placement.observed().tasks().stream()
          .filter(task -> shown(placement, task))
          .forEach(task -> proto.addReplicas(replica(service, placement, task)));
    }
    return proto.addAllUrls(urls(service)).build();
  }

  /** Replicas of today, and those whose failure tells why there are not enough. */
  private static boolean shown(Placement placement, Task task) {
    boolean missing = placement.current() < placement.replicas();
    return !task.ended() || (missing && task.died());
  }

  private static Release release(ServiceRecord service) {
    return Release.newBuilder()
        .setId(service.release().id().toString())
        .setNumber(service.release().number())
        .setImage(service.release().spec().image())
        .setImageDigest(service.release().imageDigest())
        .build();
  }

  static Release release(dev.skep.controlplane.workload.Release release, ResultSet row)
      throws SQLException {
    return Release.newBuilder()
        .setId(release.id().toString())
        .setNumber(release.number())
        .setImage(release.spec().image())
        .setImageDigest(release.imageDigest())
        .setKept(row.getBoolean("kept"))
        .setCreateTime(Paging.timestamp(Rows.instant(row, "created_at")))
        .addAllSecrets(pinned(Json.readMap(row.getString("pinned"))))
        .build();
  }

  private static List<PinnedSecret> pinned(Map<String, String> versions) {
    return new TreeMap<>(versions)
        .entrySet().stream()
            .map(
                e ->
                    PinnedSecret.newBuilder()
                        .setSecret(e.getKey())
                        .setVersion(Integer.parseInt(e.getValue()))
                        .build())
            .toList();
  }

  private Replica replica(ServiceRecord service, Placement placement, Task task) {
    Worker worker = workers.get(placement.worker());
    boolean current =
        task.generation() == placement.generation()
            && placement.release().equals(service.release().id());
    return Replica.newBuilder()
        .setWorkerId(placement.worker().toString())
        .setWorkerName(worker == null ? "" : worker.name())
        .setState(task.state())
        .setMessage(task.lastWords())
        .setContainerId(task.containerId())
        .setReleaseNumber(current ? service.release().number() : 0)
        .setSince(Paging.timestamp(task.since()))
        .build();
  }

  private List<String> urls(ServiceRecord service) {
    return service.release().spec().ports().stream()
        .filter(port -> port.onHost() && !port.udp())
        .flatMap(
            port ->
                service.placements().stream()
                    .filter(p -> p.running() > 0)
                    .flatMap(p -> url(p, port).stream()))
        .toList();
  }

  private List<String> url(Placement placement, Port port) {
    Worker worker = workers.get(placement.worker());
    return worker == null
        ? List.of()
        : List.of("http://" + worker.facts().advertiseAddress() + ":" + port.hostPort());
  }
}
