package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.WorkerAvailability;
import dev.skep.v1.WorkerPressure;
import dev.skep.v1.WorkerRole;
import dev.skep.v1.WorkerState;
import dev.skep.v1.WorkerUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/** Workers as the API shows them. */
final class WorkerProtos {
  private final InstantSource clock;
  private final Duration heartbeatTimeout;

  WorkerProtos(InstantSource clock, Duration heartbeatTimeout) {
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  /** What people have set. */
  static dev.skep.v1.Worker setting(Worker worker) {
    dev.skep.v1.Worker.Builder proto =
        dev.skep.v1.Worker.newBuilder()
            .setId(worker.id().toString())
            .setName(worker.name())
            .putAllLabels(worker.labels())
            .addAllTaints(worker.taints().stream().sorted().toList())
            .setAvailability(availability(worker));
    addUpkeep(worker.upkeep(), proto);
    return proto.build();
  }

  private static WorkerAvailability availability(Worker worker) {
    return WorkerAvailability.valueOf("WORKER_AVAILABILITY_" + worker.upkeep().availability());
  }

  dev.skep.v1.Worker worker(WorkerRecord row) {
    Instant now = clock.instant();
    Worker worker = row.worker();
    dev.skep.v1.Worker.Builder proto =
        dev.skep.v1.Worker.newBuilder()
            .setId(worker.id().toString())
            .setName(worker.name())
            .setState(WorkerState.valueOf("WORKER_STATE_" + worker.state(now, heartbeatTimeout)))
            .setReason(worker.reason(now, heartbeatTimeout))
            .addAllRoles(
                worker.roles().stream().map(r -> WorkerRole.valueOf("WORKER_ROLE_" + r)).toList())
            .putAllLabels(worker.labels())
            .addAllTaints(worker.taints().stream().sorted().toList())
            .setAvailability(availability(worker))
            .setFacts(facts(worker))
            .setReplicas(worker.replicas())
            .setReservedCpuMillis(worker.reserved().cpuMillis())
            .setReservedMemoryBytes(worker.reserved().memoryBytes())
            .setCreateTime(Paging.timestamp(worker.createdAt()))
            .setLastHeartbeatTime(Paging.timestamp(worker.link().lastHeartbeat()))
            .setEtag(row.etag())
            .setConnected(worker.link().connected())
            .setConnectedChangeTime(Paging.timestamp(worker.link().since()))
            .setSwarmState(worker.swarm().state())
            .setCertificateRenewing(row.renewing());
    addUpkeep(worker.upkeep(), proto);
    worker
        .pressure(now)
        .forEach(kind -> proto.addPressure(WorkerPressure.valueOf("WORKER_PRESSURE_" + kind)));
    if (!row.usage().isEmpty()) {
      proto.setUsage(usage(row.usage()));
    }
    return proto.build();
  }

  private static void addUpkeep(Upkeep upkeep, dev.skep.v1.Worker.Builder proto) {
    Instant deadline = upkeep.deadline();
    if (deadline != null) {
      proto.setDrainDeadline(Paging.timestamp(deadline));
    }
    proto.setDrainForce(upkeep.force());
  }

  private static WorkerUsage usage(Map<Pressure, Double> percent) {
    WorkerUsage.Builder usage = WorkerUsage.newBuilder();
    percent.forEach(
        (kind, value) -> {
          float share = value.floatValue();
          switch (kind) {
            case CPU -> usage.setCpuPercent(share);
            case MEMORY -> usage.setMemoryPercent(share);
            case DISK -> usage.setDiskPercent(share);
          }
        });
    return usage.build();
  }

  private static dev.skep.v1.WorkerFacts facts(Worker worker) {
    WorkerFacts facts = worker.facts();
    return dev.skep.v1.WorkerFacts.newBuilder()
        .setHostname(facts.hostname())
        .setAdvertiseAddress(facts.advertiseAddress())
        .setOs(facts.os())
        .setKernel(facts.kernel())
        .setArchitecture(facts.architecture())
        .setCpuMillis(facts.capacity().cpuMillis())
        .setMemoryBytes(facts.capacity().memoryBytes())
        .setDiskBytes(facts.diskBytes())
        .setDiskFreeBytes(facts.diskFreeBytes())
        .setEngineVersion(facts.engineVersion())
        .setEngineApiVersion(facts.engineApiVersion())
        .setAgentVersion(facts.agentVersion())
        .setIpvs(facts.ipvs())
        .setSwarmNodeId(worker.swarm().id())
        .build();
  }
}
