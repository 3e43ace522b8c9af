package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListMembersRequest;
import dev.skep.v1.ListMembersResponse;
import picocli.CommandLine.Command;

/** Lists members. */
@Command(name = "ls", aliases = "list", description = "List members of the organization.")
final class ListMembersCommand extends SessionCommand {
  ListMembersCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListMembersResponse::getNextPageToken));
    var all = ListMembersResponse.newBuilder();
    pages.forEach(page -> all.addAllMembers(page.getMembersList()));
    session.answerTable(all, () -> table(all));
  }

  private ListMembersResponse page(String token) {
    return session
        .controlPlane()
        .members()
        .listMembers(
            ListMembersRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }

  private Table table(ListMembersResponse.Builder all) {
    var table = Table.of("NAME~", "ROLE", "KIND", "STATE", "AGE");
    all.getMembersList()
        .forEach(
            one ->
                table.row(
                    one.getUserName(),
                    Humans.word(one.getRole(), "ROLE_"),
                    one.getServiceAccount() ? "program" : "person",
                    one.getDisabled() ? "disabled" : "active",
                    Humans.age(one.getCreateTime(), session.clock().instant())));
    return table;
  }
}
