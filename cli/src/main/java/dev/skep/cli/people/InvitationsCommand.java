package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.client.Pages;
import dev.skep.v1.ListInvitationsRequest;
import dev.skep.v1.ListInvitationsResponse;
import dev.skep.v1.RevokeInvitationRequest;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The noun {@code invitations}. */
@Command(
    name = "invitations",
    description = "Invitations to the organization; skep members invite makes them.")
public final class InvitationsCommand {
  private final Session session;

  public InvitationsCommand(Session session) {
    this.session = session;
  }

  @Command(
      name = "ls",
      aliases = "list",
      description = "List those that can be accepted, newest first.")
  void list() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListInvitationsResponse::getNextPageToken));
    var all = ListInvitationsResponse.newBuilder();
    pages.forEach(page -> all.addAllInvitations(page.getInvitationsList()));
    session.answerTable(all, () -> table(all));
  }

  @Command(
      name = "rm",
      aliases = {"revoke", "delete"},
      description = "Take an invitation back.")
  void revoke(@Parameters(paramLabel = "ID", description = "Id of the invitation.") String id) {
    var request = RevokeInvitationRequest.newBuilder().setInvitation(id).build();
    var response =
        session.call(() -> session.controlPlane().invitations().revokeInvitation(request));
    session.answer(response, () -> "invitation " + id + " is taken back\n");
  }

  private ListInvitationsResponse page(String token) {
    return session
        .controlPlane()
        .invitations()
        .listInvitations(
            ListInvitationsRequest.newBuilder()
                .setPageSize(Pages.SIZE)
                .setPageToken(token)
                .build());
  }

  private Table table(ListInvitationsResponse.Builder all) {
    var table = Table.of("ID", "ROLE", "FOR~", "BY~", "EXPIRES");
    all.getInvitationsList()
        .forEach(
            one ->
                table.row(
                    one.getId(),
                    Humans.word(one.getRole(), "ROLE_"),
                    Humans.orNone(one.getEmail()),
                    one.getInvitedBy(),
                    Humans.localTime(one.getExpireTime(), ZoneId.systemDefault())));
    return table;
  }
}
