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
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes what an agent says about its Swarm: its own node, and as the owner all the others. Locks
 * the cluster's row before those of workers, as everybody does.
 */
final class SwarmWriter {
  private static final String CLUSTER_OF_WORKER =
      """
      select * from clusters where id = (select cluster_id from container_workers where id = :worker)
      for update
      """;

  /**
   * An agent that has just begun, or whose engine is away, does not know its node: it is the same.
   * Of a node that has to be forgotten nothing counts any more.
   */
  private static final String OWN_NODE =
      """
      update container_workers
      set swarm_node_id = case when :node = '' then swarm_node_id else :node end,
          swarm_node_state = case when :node in ('', swarm_node_id) then swarm_node_state else '' end,
          swarm_manager = swarm_manager and :node in ('', swarm_node_id),
          swarm_error = :error,
          control_error = :controlError,
          control_error_since = case when :controlError = '' then null
                                     else coalesce(control_error_since, now()) end
      where id = :id and (forget_node = '' or forget_node <> :node)
        and ((:node <> '' and swarm_node_id <> :node) or swarm_error <> :error or control_error <> :controlError)
      """;

  private static final String NODES =
      """
      update clusters set swarm_nodes = :nodes::jsonb
      where id = :cluster and swarm_nodes <> :nodes::jsonb
      """;

  /**
   * The owner and the node's own agent may speak in any order; both end here. Managers with a new
   * leader do not know their nodes for some seconds: what was known before is more.
   */
  private static final String NODE_STATES =
      """
      update container_workers w
      set swarm_node_state = n.state, swarm_manager = n.manager, swarm_reachable = n.reachable, swarm_state_since = now()
      from (select w.id, (node ->> 'manager')::boolean as manager, (node ->> 'reachable')::boolean as reachable,
                   case when node ->> 'state' = 'unknown' and w.swarm_node_state <> '' then w.swarm_node_state
                        else node ->> 'state' end as state
            from clusters c join container_workers w on w.cluster_id = c.id
            cross join lateral (select c.swarm_nodes -> w.swarm_node_id as node) s
            where c.id = :cluster and node is not null) n
      where w.id = n.id
        and (w.swarm_node_state, w.swarm_manager, w.swarm_reachable) is distinct from (n.state, n.manager, n.reachable)
      """;

  private static final String CLUSTER =
      """
      update clusters
      set swarm_id = :swarm, manager_address = :address, worker_join_token = :workerToken,
          membership_generation = membership_generation + 1
      where id = :id
      """;

  /** The worker that recovers the Swarm can change it, and nobody else manages it. */
  private static final String RECOVERED =
      """
      update clusters
      set recovered_generation = recovery_generation, membership_generation = membership_generation + 1
      where id = :id and recovered_generation < recovery_generation and recovery_worker_id = :worker
        and exists (select 1 from container_workers where id = :worker and swarm_node_id = :node)
      """;

  private final Handle handle;
  private final MasterKey masterKey;
  private final WorkerId worker;
  private boolean changed;

  SwarmWriter(Handle handle, MasterKey masterKey, WorkerId worker) {
    this.handle = handle;
    this.masterKey = masterKey;
    this.worker = worker;
  }

  /** A change gets a revision, so that agents hear of it and waiting services are looked at. */
  void write(SwarmState swarm) {
    cluster().ifPresent(cluster -> write(cluster, swarm));
  }

  private void write(Cluster cluster, SwarmState swarm) {
    int own =
        handle
            .createUpdate(OWN_NODE)
            .bind("id", worker.value())
            .bind("node", StatusWriter.cut(swarm.getNodeId()))
            .bind("error", StatusWriter.cut(swarm.getError()))
            .bind("controlError", StatusWriter.cut(swarm.getControlError()))
            .execute();
    changed = own > 0;
    if (swarm.getManager() && worker.value().equals(cluster.owner) && !forgotten(swarm)) {
      writeOwners(cluster, swarm);
    }
    if (changed) {
      long revision = Revisions.next(handle, cluster.id);
      handle.createUpdate(NODE_STATES).bind("cluster", cluster.id.value()).execute();
      renderNodeIds(cluster.id, revision);
    }
  }

  private boolean forgotten(SwarmState swarm) {
    return handle
        .createQuery("select forget_node = :node from container_workers where id = :id")
        .bind("node", StatusWriter.cut(swarm.getNodeId()))
        .bind("id", worker.value())
        .mapTo(Boolean.class)
        .one();
  }

  private void writeOwners(Cluster cluster, SwarmState swarm) {
    if (swarm.getNodesCount() > 0) {
      int nodes =
          handle
              .createUpdate(NODES)
              .bind("cluster", cluster.id.value())
              .bind("nodes", Json.write(nodes(swarm)))
              .execute();
      changed |= nodes > 0;
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
      changed = true;
    }
    if (swarm.getControlError().isEmpty() && soleManager(swarm)) {
      int recovered =
          handle
              .createUpdate(RECOVERED)
              .bind("id", cluster.id.value())
              .bind("worker", worker.value())
              .bind("node", StatusWriter.cut(swarm.getNodeId()))
              .execute();
      changed |= recovered > 0;
    }
  }

  private static boolean soleManager(SwarmState swarm) {
    return swarm.getNodesList().stream().filter(SwarmNode::getManager).count() == 1;
  }

  private static Map<String, Node> nodes(SwarmState swarm) {
    Map<String, Node> nodes = new TreeMap<>();
    swarm.getNodesList().forEach(n -> nodes.putIfAbsent(n.getNodeId(), Node.of(n)));
    return nodes;
  }

  /** As it stands in clusters.swarm_nodes. */
  private record Node(
      String state, boolean manager, boolean reachable, boolean leader, String address) {
    static Node of(SwarmNode node) {
      return new Node(
          StatusWriter.cut(node.getState()),
          node.getManager(),
          !node.getUnreachable(),
          node.getLeader(),
          StatusWriter.cut(node.getManagerAddress()));
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
              and not p.removing and p.pinned_node <> w.swarm_node_id and w.swarm_node_id <> ''
            """)
        .bind("cluster", cluster.value())
        .bind("revision", revision)
        .execute();
  }

  private Optional<Cluster> cluster() {
    return handle
        .createQuery(CLUSTER_OF_WORKER)
        .bind("worker", worker.value())
        .map(
            (row, c) ->
                new Cluster(
                    new ClusterId(row.getObject("id", UUID.class)),
                    row.getObject("manager_worker_id", UUID.class),
                    row.getString("swarm_id"),
                    row.getString("manager_address"),
                    row.getBytes("worker_join_token")))
        .findOne();
  }

  private record Cluster(
      ClusterId id,
      @Nullable UUID owner,
      String swarmId,
      String managerAddress,
      byte @Nullable [] sealedToken) {
    boolean differs(SwarmState swarm, MasterKey masterKey, byte[] token) {
      return !swarmId.equals(swarm.getSwarmId())
          || !managerAddress.equals(swarm.getManagerAddress())
          || sealedToken == null
          || !Arrays.equals(masterKey.open(sealedToken, MasterKey.SWARM_WORKER_TOKEN), token);
    }
  }
}
