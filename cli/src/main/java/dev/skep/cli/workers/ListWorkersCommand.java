package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.ListWorkersResponse;
import picocli.CommandLine.Command;

/** Lists workers. */
@Command(name = "ls", aliases = "list", description = "List workers.")
final class ListWorkersCommand extends SessionCommand {
  ListWorkersCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListWorkersResponse::getNextPageToken));
    var all = ListWorkersResponse.newBuilder();
    pages.forEach(page -> all.addAllWorkers(page.getWorkersList()));
    session.answerTable(
        all, () -> WorkerText.table(all.getWorkersList(), session.clock().instant()));
  }

  private ListWorkersResponse page(String token) {
    return session
        .controlPlane()
        .workers()
        .listWorkers(
            ListWorkersRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }
}
