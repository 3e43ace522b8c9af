package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListGrantsRequest;
import dev.skep.v1.ListGrantsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists the grants on a service. */
@Command(name = "ls", aliases = "list", description = "List who has a grant on a service.")
final class ListGrantsCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  ListGrantsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages = session.call(() -> Pages.readAll(this::page, ListGrantsResponse::getNextPageToken));
    var all = ListGrantsResponse.newBuilder();
    pages.forEach(page -> all.addAllGrants(page.getGrantsList()));
    session.answerTable(all, () -> table(all));
  }

  private ListGrantsResponse page(String token) {
    return session
        .controlPlane()
        .grants()
        .listGrants(
            ListGrantsRequest.newBuilder()
                .setService(service)
                .setPageSize(Pages.SIZE)
                .setPageToken(token)
                .build());
  }

  private Table table(ListGrantsResponse.Builder all) {
    var table = Table.of("NAME~", "ROLE", "AGE");
    all.getGrantsList()
        .forEach(
            one ->
                table.row(
                    one.getUserName(),
                    Humans.word(one.getRole(), "ROLE_"),
                    Humans.age(one.getCreateTime(), session.clock().instant())));
    return table;
  }
}
