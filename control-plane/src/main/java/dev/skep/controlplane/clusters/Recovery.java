package dev.skep.controlplane.clusters;

import static java.util.Comparator.comparing;
import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.fleet.SwarmMember;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.ArrayList;
import java.util.List;

/**
 * How a Swarm becomes changeable again.
 *
 * @param by the worker that manages it from then on
 * @param newSwarm whether the old Swarm is given up; else this manager makes a quorum of itself
 * @param costs a sentence each, for people
 */
record Recovery(Worker by, boolean newSwarm, List<String> costs) {

  /**
   * Decides.
   *
   * @param worker id or name; empty for the one that costs least
   */
  static Recovery of(ClusterRecord cluster, String worker, boolean newSwarm) {
    SwarmMember by = worker.isEmpty() ? cheapest(cluster) : named(cluster, worker);
    boolean anew = newSwarm || cluster.swarmId().isEmpty() || !by.worker().swarm().manager();
    if (!newSwarm && !cluster.trouble().there() && !cluster.recovering()) {
      throw new Refusal(
          Reason.CLUSTER_WELL,
          "the Swarm of cluster \""
              + cluster.name()
              + "\" can be changed, there is nothing to recover; new_swarm (--new-swarm) makes a"
              + " new one all the same");
    }
    return new Recovery(by.worker(), anew, anew ? newCosts(cluster, by) : costs(cluster, by));
  }

  private static SwarmMember cheapest(ClusterRecord cluster) {
    return cluster.members().stream()
        .filter(Recovery::able)
        .min(
            comparing((SwarmMember m) -> !m.worker().swarm().manager())
                .thenComparingInt(m -> -m.worker().replicas())
                .thenComparing(m -> m.worker().name()))
        .orElseThrow(
            () ->
                new Refusal(
                    Reason.WORKER_NOT_CONNECTED,
                    "no worker of cluster \""
                        + cluster.name()
                        + "\" that may manage a Swarm is connected; start an agent first"));
  }

  private static boolean able(SwarmMember m) {
    return m.worker().link().connected() && m.worker().roles().contains(WorkerRole.MANAGER);
  }

  private static SwarmMember named(ClusterRecord cluster, String worker) {
    SwarmMember member =
        cluster.members().stream()
            .filter(
                m -> m.worker().name().equals(worker) || m.worker().id().toString().equals(worker))
            .findFirst()
            .orElseThrow(
                () ->
                    new Refusal(
                        Reason.WORKER_NOT_FOUND,
                        "there is no worker \""
                            + worker
                            + "\" in cluster \""
                            + cluster.name()
                            + "\""));
    if (!able(member)) {
      throw new Refusal(
          Reason.WORKER_NOT_CONNECTED,
          "worker \""
              + worker
              + "\" cannot recover the Swarm: its agent has to be connected and it needs the role"
              + " manager");
    }
    return member;
  }

  private static List<String> costs(ClusterRecord cluster, SwarmMember by) {
    List<Worker> others =
        cluster.members().stream()
            .map(SwarmMember::worker)
            .filter(w -> w.swarm().manager() && !w.id().equals(by.worker().id()))
            .toList();
    List<String> costs = new ArrayList<>();
    costs.add(
        "nothing is deployed, moved or replaced until "
            + by.worker().name()
            + " is the only manager of the Swarm, which takes some seconds");
    costs.add(
        "its engine stops the "
            + replicas(List.of(by.worker()))
            + " on "
            + by.worker().name()
            + " and starts them again, within about 20 s; what runs on workers that are no managers"
            + " goes on");
    if (!others.isEmpty()) {
      costs.add(
          "the other managers ("
              + others.stream().map(Worker::name).sorted().collect(joining(", "))
              + ") join anew when they are connected: their "
              + replicas(others)
              + " stop then and start again; of those that stay away they move to other workers");
    }
    return List.copyOf(costs);
  }

  private static List<String> newCosts(ClusterRecord cluster, SwarmMember by) {
    List<Worker> all = cluster.members().stream().map(SwarmMember::worker).toList();
    return List.of(
        "every worker leaves the old Swarm and joins a new one, that of "
            + by.worker().name()
            + ": all "
            + replicas(all)
            + " stop and start again, for about a minute",
        "networks, services and their places are made anew from the database; addresses inside"
            + " networks change, names stay",
        "workers that are not connected join the new Swarm when they come back");
  }

  private static String replicas(List<Worker> of) {
    int replicas = of.stream().mapToInt(Worker::replicas).sum();
    return replicas + (replicas == 1 ? " replica" : " replicas");
  }
}
