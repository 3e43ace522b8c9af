package dev.skep.agent.worker;

import com.google.protobuf.Timestamp;
import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.task.Observed;
import dev.skep.agent.task.TaskTrouble;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.SwarmNode;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.TaskStatus;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Says what the loop knows in the words of the protocol. */
final class Statuses {
  /** Swarm keeps some finished tasks of each replica; the newest tell the story. */
  private static final int MAX_FINISHED_TASKS = 10;

  private Statuses() {}

  static ObjectStatus.Builder of(String id, Track track) {
    return ObjectStatus.newBuilder()
        .setAssignmentId(id)
        .setGeneration(track.generation)
        .setState(track.state)
        .setCode(track.code)
        .setMessage(track.message);
  }

  /** Adds the replicas, and what keeps them from running. */
  static void addTasks(
      ObjectStatus.Builder status, Optional<Observed.Service> service, List<Observed.Task> tasks) {
    var byAge = Comparator.comparing(Observed.Task::since).reversed();
    tasks.stream()
        .filter(Observed.Task::desiredRunning)
        .sorted(Comparator.comparing(Observed.Task::id))
        .forEach(t -> status.addTasks(task(t, service)));
    tasks.stream()
        .filter(t -> !t.desiredRunning())
        .sorted(byAge.thenComparing(Observed.Task::id))
        .limit(MAX_FINISHED_TASKS)
        .forEach(t -> status.addTasks(task(t, service)));
  }

  static void addTrouble(
      ObjectStatus.Builder status,
      Observed.Service service,
      List<Observed.Task> tasks,
      long replicas) {
    if (status.getState() == ObjectStatus.State.STATE_APPLIED && status.getCode().isEmpty()) {
      var current =
          tasks.stream()
              .filter(t -> t.containerGeneration() == service.containerGeneration())
              .toList();
      TaskTrouble.of(current, replicas, Instant.now())
          .ifPresent(t -> status.setCode(t.code()).setMessage(t.message()));
    }
  }

  private static TaskStatus task(Observed.Task task, Optional<Observed.Service> service) {
    return TaskStatus.newBuilder()
        .setTaskId(task.id())
        .setSlot(task.slot())
        .setGeneration(generation(task, service))
        .setContainerId(task.containerId())
        .setState(task.state())
        .setDesiredRunning(task.desiredRunning())
        .setMessage(task.message())
        .setSince(timestamp(task.since()))
        .build();
  }

  private static Timestamp timestamp(Instant instant) {
    long seconds = instant.getEpochSecond();
    return Timestamp.newBuilder().setSeconds(seconds).setNanos(instant.getNano()).build();
  }

  /** A replica that a newer generation did not have to replace is one of that generation. */
  private static long generation(Observed.Task task, Optional<Observed.Service> service) {
    return service
        .filter(s -> s.containerGeneration() == task.containerGeneration())
        .map(Observed.Service::generation)
        .orElse(task.containerGeneration());
  }

  /**
   * What this node knows of its Swarm.
   *
   * @param error why the Swarm could not be made or joined
   * @param ownerEpoch in which this agent changes it, 0 for none
   */
  static SwarmState swarm(Listing listing, String error, long ownerEpoch) {
    var swarm = listing.info().swarm();
    var state =
        SwarmState.newBuilder()
            .setLocalState(swarm.localState())
            .setNodeId(swarm.nodeId())
            .setSwarmId(swarm.clusterId())
            .setManager(swarm.manager())
            .setControlError(listing.controlError())
            .setOwnerEpoch(ownerEpoch);
    if (!swarm.active()) {
      state.setError(swarm.error() == null ? error : swarm.error());
    }
    listing.cluster().ifPresent(c -> addManager(state, swarm.nodeAddress(), c));
    return state.build();
  }

  /** What was known before the engine fell silent, and that it did. */
  static SwarmState blind(SwarmState known, EngineFailure failure) {
    return known.getManager()
        ? known.toBuilder().setControlError(String.valueOf(failure.getMessage())).build()
        : known;
  }

  private static void addManager(
      SwarmState.Builder state, String address, Listing.ClusterListing cluster) {
    state.setManagerAddress(address).setWorkerJoinToken(cluster.settings().workerJoinToken());
    cluster.nodes().stream()
        .sorted(Comparator.comparing(Observed.Node::id))
        .forEach(n -> state.addNodes(node(n)));
  }

  private static SwarmNode node(Observed.Node node) {
    return SwarmNode.newBuilder()
        .setNodeId(node.id())
        .setState(node.state())
        .setAvailability(node.availability())
        .setManager(node.manager())
        .setUnreachable(!node.reachable())
        .setLeader(node.leader())
        .setManagerAddress(node.address())
        .build();
  }
}
