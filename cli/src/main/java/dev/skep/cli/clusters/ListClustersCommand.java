package dev.skep.cli.clusters;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListClustersRequest;
import dev.skep.v1.ListClustersResponse;
import picocli.CommandLine.Command;

/** Lists clusters. */
@Command(name = "ls", aliases = "list", description = "List clusters.")
final class ListClustersCommand extends SessionCommand {
  ListClustersCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListClustersResponse::getNextPageToken));
    var all = ListClustersResponse.newBuilder();
    pages.forEach(page -> all.addAllClusters(page.getClustersList()));
    session.answerTable(all, () -> ClusterText.table(all.getClustersList()));
  }

  private ListClustersResponse page(String token) {
    return session
        .controlPlane()
        .clusters()
        .listClusters(
            ListClustersRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }
}
