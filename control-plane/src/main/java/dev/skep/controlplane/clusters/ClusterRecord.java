package dev.skep.controlplane.clusters;

import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A cluster with what its operators ask for.
 *
 * @param recoverer the worker that recovers the Swarm, or did so last
 * @param networks of organizations
 */
record ClusterRecord(
    ClusterId id,
    String name,
    String swarmId,
    Owner owner,
    Trouble trouble,
    boolean recovering,
    Optional<WorkerId> recoverer,
    int networks,
    List<SwarmMember> members,
    List<Peer> managers) {

  /** Whose agent changes the Swarm. */
  record Owner(Optional<WorkerId> worker, long epoch) {}

  /**
   * Why nothing can be changed.
   *
   * @param error empty when it can
   */
  record Trouble(String error, @Nullable Instant since) {
    boolean there() {
      return !error.isEmpty();
    }
  }

  /** A manager as the owner told of it last. */
  record Peer(String nodeId, boolean reachable, boolean leader) {}

  Optional<SwarmMember> member(WorkerId worker) {
    return members.stream().filter(m -> m.worker().id().equals(worker)).findFirst();
  }

  String name(Optional<WorkerId> worker) {
    return worker.flatMap(this::member).map(m -> m.worker().name()).orElse("");
  }

  Optional<SwarmMember> ofNode(String nodeId) {
    return members.stream().filter(m -> m.worker().swarm().id().equals(nodeId)).findFirst();
  }
}
