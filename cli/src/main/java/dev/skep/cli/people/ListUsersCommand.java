package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListUsersRequest;
import dev.skep.v1.ListUsersResponse;
import picocli.CommandLine.Command;

/** Lists accounts. */
@Command(name = "ls", aliases = "list", description = "List accounts of people.")
final class ListUsersCommand extends SessionCommand {
  ListUsersCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages = session.call(() -> Pages.readAll(this::page, ListUsersResponse::getNextPageToken));
    var all = ListUsersResponse.newBuilder();
    pages.forEach(page -> all.addAllUsers(page.getUsersList()));
    session.answerTable(all, () -> table(all));
  }

  private ListUsersResponse page(String token) {
    return session
        .controlPlane()
        .users()
        .listUsers(
            ListUsersRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }

  private Table table(ListUsersResponse.Builder all) {
    var table = Table.of("NAME~", "STATE", "PLATFORM", "AGE");
    all.getUsersList()
        .forEach(
            one ->
                table.row(
                    one.getName(),
                    one.getDisabled() ? "disabled" : "active",
                    one.getPlatformAdmin() ? "admin" : "-",
                    Humans.age(one.getCreateTime(), session.clock().instant())));
    return table;
  }
}
