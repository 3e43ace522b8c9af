package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.SwarmNode;
import dev.skep.agent.v1.SwarmState;
import dev.skep.controlplane.db.Json;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.state.Revisions;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Writes what an agent says about its Swarm: its own node, and as a manager all the others. */
final class SwarmWriter {
  /**
   * An agent that has just begun, or whose engine is away, does not know its node: it is the same.
   */
  private static final String OWN_NODE =
      """
      update container_workers
      set swarm_node_id = case when :node = '' then swarm_node_id else :node end, swarm_error = :error
      where id = :id
        and ((:node <> '' and swarm_node_id <> :node) or swarm_error <> :error)
      returning cluster_id
      """;

  private static final String NODES =
      """
      update clusters set swarm_nodes = :nodes::jsonb
      where id = :cluster and swarm_nodes <> :nodes::jsonb
      """;

  /** The manager and the node's own agent may speak in any order; both end here. */
  private static final String NODE_STATES =
      """
      update container_workers w set swarm_node_state = c.swarm_nodes ->> w.swarm_node_id, swarm_state_since = now()
      from clusters c
      where c.id = :cluster and w.cluster_id = c.id
        and c.swarm_nodes ->> w.swarm_node_id <> w.swarm_node_state
      """;

  private static final String CLUSTER =
      """
      update clusters
      set swarm_id = :swarm, manager_address = :address, worker_join_token = :workerToken,
          membership_generation = membership_generation + 1
      where id = :id
      """;

  private final Handle handle;
  private final MasterKey masterKey;
  private final WorkerId worker;
  private @Nullable ClusterId changed;

  SwarmWriter(Handle handle, MasterKey masterKey, WorkerId worker) {
    this.handle = handle;
    this.masterKey = masterKey;
    this.worker = worker;
  }

  /** A change gets a revision, so that agents hear of it and waiting services are looked at. */
  void write(SwarmState swarm) {
    handle
        .createQuery(OWN_NODE)
        .bind("id", worker.value())
        .bind("node", StatusWriter.cut(swarm.getNodeId()))
        .bind("error", StatusWriter.cut(swarm.getError()))
        .mapTo(UUID.class)
        .findOne()
        .ifPresent(cluster -> changed = new ClusterId(cluster));
    if (swarm.getManager()) {
      managed().ifPresent(cluster -> writeCluster(cluster, swarm));
    }
    ClusterId cluster = changed;
    if (cluster != null) {
      // Holds the cluster's row, so that of two agents the later sees what the other wrote.
      long revision = Revisions.next(handle, cluster);
      handle.createUpdate(NODE_STATES).bind("cluster", cluster.value()).execute();
      renderNodeIds(cluster, revision);
    }
  }

  private void writeCluster(Cluster cluster, SwarmState swarm) {
    Map<String, String> states =
        swarm.getNodesList().stream()
            .collect(
                Collectors.toMap(
                    SwarmNode::getNodeId, SwarmNode::getState, (first, again) -> again));
    int nodes =
        handle
            .createUpdate(NODES)
            .bind("cluster", cluster.id.value())
            .bind("nodes", Json.write(states))
            .execute();
    if (nodes > 0) {
      changed = cluster.id;
    }
    byte[] token = swarm.getWorkerJoinToken().getBytes(StandardCharsets.UTF_8);
    if (token.length > 0 && cluster.differs(swarm, masterKey, token)) {
      handle
          .createUpdate(CLUSTER)
          .bind("id", cluster.id.value())
          .bind("swarm", swarm.getSwarmId())
          .bind("address", swarm.getManagerAddress())
          .bind("workerToken", masterKey.seal(token, MasterKey.SWARM_WORKER_TOKEN))
          .execute();
      changed = cluster.id;
    }
  }

  /** Placements name the node that they are pinned to: a new node id is a new assignment. */
  private void renderNodeIds(ClusterId cluster, long revision) {
    handle
        .createUpdate(
            """
            update placements p set generation = p.generation + 1, revision = :revision, pinned_node = w.swarm_node_id
            from container_workers w
            where p.cluster_id = :cluster and w.id = p.worker_id
              and not p.removing and p.pinned_node <> w.swarm_node_id
            """)
        .bind("cluster", cluster.value())
        .bind("revision", revision)
        .execute();
  }

  private Optional<Cluster> managed() {
    return handle
        .createQuery("select * from clusters where manager_worker_id = :worker for update")
        .bind("worker", worker.value())
        .map(
            (row, c) ->
                new Cluster(
                    new ClusterId(row.getObject("id", UUID.class)),
                    row.getString("swarm_id"),
                    row.getString("manager_address"),
                    row.getBytes("worker_join_token")))
        .findOne();
  }

  private record Cluster(
      ClusterId id, String swarmId, String managerAddress, byte @Nullable [] sealedToken) {
    boolean differs(SwarmState swarm, MasterKey masterKey, byte[] token) {
      return !swarmId.equals(swarm.getSwarmId())
          || !managerAddress.equals(swarm.getManagerAddress())
          || sealedToken == null
          || !Arrays.equals(masterKey.open(sealedToken, MasterKey.SWARM_WORKER_TOKEN), token);
    }
  }
}
