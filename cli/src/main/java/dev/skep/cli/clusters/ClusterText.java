package dev.skep.cli.clusters;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.v1.Cluster;
import dev.skep.v1.ClusterManager;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Clusters as people read them. */
final class ClusterText {
  private ClusterText() {}

  static Table table(List<Cluster> clusters) {
    var table = Table.of("NAME~", "STATE", "WORKERS", "MANAGERS", "OWNER~", "NETWORKS");
    clusters.forEach(
        c ->
            table.row(
                c.getName(),
                state(c),
                Integer.toString(c.getWorkers()),
                reachable(c) + "/" + c.getManagersCount(),
                Humans.orNone(c.getOwnerWorkerName()),
                c.getNetworksUsed() + "/" + c.getNetworksTotal()));
    return table;
  }

  static String status(Cluster cluster, Instant now, int width) {
    var text = new StringBuilder();
    line(text, "Name", cluster.getName());
    line(text, "State", state(cluster));
    if (!cluster.getControlError().isEmpty()) {
      line(text, "Since", Humans.age(cluster.getControlErrorTime(), now) + " ago");
    }
    line(text, "Why", cluster.getControlError());
    line(text, "To do", cluster.getAdvice());
    line(text, "Workers", Integer.toString(cluster.getWorkers()));
    line(text, "Managers", managers(cluster));
    line(text, "Changed by", cluster.getOwnerWorkerName());
    line(text, "Networks", cluster.getNetworksUsed() + " of " + cluster.getNetworksTotal());
    line(text, "Swarm", cluster.getSwarmId());
    if (cluster.getManagersCount() > 0) {
      text.append('\n').append(managersTable(cluster).render(width));
    }
    return text.toString();
  }

  private static String managers(Cluster cluster) {
    return reachable(cluster)
        + " of "
        + cluster.getManagersCount()
        + " reachable, "
        + cluster.getManagersNeeded()
        + " needed; "
        + cluster.getManagersWanted()
        + " wanted";
  }

  private static Table managersTable(Cluster cluster) {
    var table = Table.of("MANAGER~", "ZONE~", "STATE", "AGENT", "ROLE");
    cluster
        .getManagersList()
        .forEach(
            m ->
                table.row(
                    m.getWorkerName().isEmpty() ? "node " + m.getNodeId() : m.getWorkerName(),
                    Humans.orNone(m.getZone()),
                    m.getReachable() && m.getControlError().isEmpty() ? "reachable" : "unreachable",
                    m.getConnected() ? "connected" : "gone",
                    Humans.orNone(role(cluster, m))));
    return table;
  }

  private static String role(Cluster cluster, ClusterManager manager) {
    var roles = new ArrayList<String>();
    if (manager.getLeader()) {
      roles.add("leader");
    }
    if (!manager.getWorkerName().isEmpty()
        && manager.getWorkerName().equals(cluster.getOwnerWorkerName())) {
      roles.add("owner");
    }
    return String.join(",", roles);
  }

  private static String state(Cluster cluster) {
    if (cluster.getRecovering()) {
      return "recovering on " + cluster.getRecoveryWorkerName();
    }
    return cluster.getControlError().isEmpty() ? "ok" : "cannot be changed";
  }

  /** As far as somebody could say last, and is still there. */
  private static long reachable(Cluster cluster) {
    return cluster.getManagersList().stream()
        .filter(m -> m.getReachable() && m.getConnected())
        .count();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(" ".repeat(13 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}
