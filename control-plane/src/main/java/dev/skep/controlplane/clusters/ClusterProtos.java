package dev.skep.controlplane.clusters;

import dev.skep.controlplane.fleet.ManagerPlan;
import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.rpc.Paging;
import dev.skep.v1.Cluster;
import dev.skep.v1.ClusterManager;
import java.time.Instant;
import java.util.Optional;

/** Clusters as the API shows them. */
final class ClusterProtos {
  private final int networks;

  ClusterProtos(int networks) {
    this.networks = networks;
  }

  Cluster cluster(ClusterRecord row) {
    int managers = row.managers().size();
    Cluster.Builder proto =
        Cluster.newBuilder()
            .setId(row.id().toString())
            .setName(row.name())
            .setWorkers(row.members().size())
            .addAllManagers(row.managers().stream().map(m -> manager(row, m)).toList())
            .setManagersWanted(ManagerPlan.target(ManagerPlan.eligible(row.members())))
            .setManagersNeeded(managers / 2 + 1)
            .setOwnerWorkerName(row.name(row.owner().worker()))
            .setOwnerEpoch(row.owner().epoch())
            .setControlError(row.trouble().error())
            .setAdvice(advice(row))
            .setRecovering(row.recovering())
            .setRecoveryWorkerName(row.name(row.recoverer()))
            .setNetworksUsed(row.networks())
            .setNetworksTotal(networks)
            .setSwarmId(row.swarmId());
    Instant since = row.trouble().since();
    if (since != null) {
      proto.setControlErrorTime(Paging.timestamp(since));
    }
    return proto.build();
  }

  private static ClusterManager manager(ClusterRecord row, ClusterRecord.Peer manager) {
    Optional<SwarmMember> member = row.ofNode(manager.nodeId());
    ClusterManager.Builder proto =
        ClusterManager.newBuilder()
            .setNodeId(manager.nodeId())
            .setReachable(manager.reachable())
            .setLeader(manager.leader());
    member.ifPresent(
        m ->
            proto
                .setWorkerName(m.worker().name())
                .setZone(m.worker().zone())
                .setConnected(m.worker().link().connected())
                .setControlError(m.controlError()));
    return proto.build();
  }

  private static String advice(ClusterRecord row) {
    if (row.recovering()) {
      return "wait: "
          + row.name(row.recoverer())
          + " recovers the Swarm; if it does not come to an end, recover with another worker";
    }
    if (!row.trouble().there()) {
      return row.managers().size() == 1 && row.members().size() > 1
          ? "with one manager, losing it stops every change until it is back; three workers give"
              + " three managers"
          : "";
    }
    return "bring the managers back that are gone; if they stay away, recover the Swarm with one"
        + " that is left: skep cluster recover tells what that costs";
  }
}
