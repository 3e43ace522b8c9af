package dev.skep.cli.access;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.client.Pages;
import dev.skep.v1.ListIdentitiesRequest;
import dev.skep.v1.ListIdentitiesResponse;
import dev.skep.v1.RemoveIdentityRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The noun {@code identities}. */
@Command(
    name = "identities",
    description = "Identities of the single sign-on by which you are known.")
public final class IdentitiesCommand {
  private final Session session;

  public IdentitiesCommand(Session session) {
    this.session = session;
  }

  @Command(
      name = "ls",
      aliases = "list",
      description = "List them; skep login --sso --link adds one.")
  void list() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListIdentitiesResponse::getNextPageToken));
    var all = ListIdentitiesResponse.newBuilder();
    pages.forEach(page -> all.addAllIdentities(page.getIdentitiesList()));
    session.answerTable(all, () -> table(all));
  }

  @Command(
      name = "rm",
      aliases = {"remove", "delete"},
      description = "Be known by it no longer; the last way to sign in stays.")
  void remove(@Parameters(paramLabel = "ID", description = "Id of the identity.") String id) {
    var request = RemoveIdentityRequest.newBuilder().setIdentity(id).build();
    var response = session.call(() -> session.controlPlane().sso().removeIdentity(request));
    session.answer(response, () -> "you are not known by " + id + " any more\n");
  }

  private ListIdentitiesResponse page(String token) {
    return session
        .controlPlane()
        .sso()
        .listIdentities(
            ListIdentitiesRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }

  private Table table(ListIdentitiesResponse.Builder all) {
    var table = Table.of("ID", "PROVIDER~", "SUBJECT~", "AGE");
    all.getIdentitiesList()
        .forEach(
            one ->
                table.row(
                    one.getId(),
                    one.getIssuer(),
                    one.getSubject(),
                    Humans.age(one.getCreateTime(), session.clock().instant())));
    return table;
  }
}
