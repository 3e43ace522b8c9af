package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListOrganizationsRequest;
import dev.skep.v1.ListOrganizationsResponse;
import picocli.CommandLine.Command;

/** Lists organizations. */
@Command(name = "ls", aliases = "list", description = "List organizations.")
final class ListOrgsCommand extends SessionCommand {
  ListOrgsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListOrganizationsResponse::getNextPageToken));
    var all = ListOrganizationsResponse.newBuilder();
    pages.forEach(page -> all.addAllOrganizations(page.getOrganizationsList()));
    session.answerTable(all, () -> table(all));
  }

  private ListOrganizationsResponse page(String token) {
    return session
        .controlPlane()
        .organizations()
        .listOrganizations(
            ListOrganizationsRequest.newBuilder()
                .setPageSize(Pages.SIZE)
                .setPageToken(token)
                .build());
  }

  private Table table(ListOrganizationsResponse.Builder all) {
    var table = Table.of("NAME~", "MEMBERS", "SERVICES", "AGE");
    all.getOrganizationsList()
        .forEach(
            one ->
                table.row(
                    one.getName(),
                    Integer.toString(one.getMembers()),
                    Integer.toString(one.getServices()),
                    Humans.age(one.getCreateTime(), session.clock().instant())));
    return table;
  }
}
