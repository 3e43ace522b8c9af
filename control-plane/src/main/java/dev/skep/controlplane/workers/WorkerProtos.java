package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.WorkerAvailability;
import dev.skep.v1.WorkerRole;
import dev.skep.v1.WorkerState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Workers as the API shows them. */
final class WorkerProtos {
  private final InstantSource clock;
  private final Duration heartbeatTimeout;

  WorkerProtos(InstantSource clock, Duration heartbeatTimeout) {
    this.clock = clock;
    this.heartbeatTimeout = heartbeatTimeout;
  }

  dev.skep.v1.Worker worker(Worker worker) {
    Instant now = clock.instant();
    return dev.skep.v1.Worker.newBuilder()
        .setId(worker.id().toString())
        .setName(worker.name())
        .setState(WorkerState.valueOf("WORKER_STATE_" + worker.state(now, heartbeatTimeout)))
        .setReason(worker.reason(now, heartbeatTimeout))
        .addAllRoles(
            worker.roles().stream().map(r -> WorkerRole.valueOf("WORKER_ROLE_" + r)).toList())
        .putAllLabels(worker.labels())
        .addAllTaints(worker.taints().stream().sorted().toList())
        .setAvailability(
            WorkerAvailability.valueOf("WORKER_AVAILABILITY_" + worker.upkeep().availability()))
        .setFacts(facts(worker))
        .setReplicas(worker.replicas())
        .setReservedCpuMillis(worker.reserved().cpuMillis())
        .setReservedMemoryBytes(worker.reserved().memoryBytes())
        .setCreateTime(Paging.timestamp(worker.createdAt()))
        .setLastHeartbeatTime(Paging.timestamp(worker.link().lastHeartbeat()))
        .build();
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
