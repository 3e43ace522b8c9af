package dev.skep.cli.clusters;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetClusterRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says whether a cluster can be changed, and if not, why and what to do. */
@Command(
    name = "status",
    aliases = {"inspect", "get"},
    description = "Show who manages a cluster's Swarm, what is wrong and what to do.")
final class StatusCommand extends SessionCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "CLUSTER",
      defaultValue = "",
      description = "Name or id (the only one).")
  String cluster = "";

  StatusCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetClusterRequest.newBuilder().setCluster(cluster).build();
    var response = session.call(() -> session.controlPlane().clusters().getCluster(request));
    session.answer(
        response,
        () ->
            ClusterText.status(response.getCluster(), session.clock().instant(), session.width()));
  }
}
