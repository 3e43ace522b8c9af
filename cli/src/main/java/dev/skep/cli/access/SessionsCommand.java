package dev.skep.cli.access;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.client.Pages;
import dev.skep.v1.EndSessionRequest;
import dev.skep.v1.ListSessionsRequest;
import dev.skep.v1.ListSessionsResponse;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The noun {@code sessions}. */
@Command(name = "sessions", description = "Where you are signed in.")
public final class SessionsCommand {
  private final Session session;

  public SessionsCommand(Session session) {
    this.session = session;
  }

  @Command(name = "ls", aliases = "list", description = "List your sessions, newest first.")
  void list() {
    var pages =
        session.call(() -> Pages.readAll(this::page, ListSessionsResponse::getNextPageToken));
    var all = ListSessionsResponse.newBuilder();
    pages.forEach(page -> all.addAllSessions(page.getSessionsList()));
    session.answerTable(all, () -> table(all));
  }

  @Command(
      name = "rm",
      aliases = {"end", "delete"},
      description = "End a session; it is refused from now on.")
  void end(@Parameters(paramLabel = "ID", description = "Id of the session.") String id) {
    var request = EndSessionRequest.newBuilder().setSession(id).build();
    var response = session.call(() -> session.controlPlane().account().endSession(request));
    session.answer(response, () -> "session " + id + " has ended\n");
  }

  private ListSessionsResponse page(String token) {
    return session
        .controlPlane()
        .account()
        .listSessions(
            ListSessionsRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }

  private Table table(ListSessionsResponse.Builder all) {
    var table = Table.of("ID", "FROM~", "WITH~", "USED", "EXPIRES", "THIS");
    all.getSessionsList()
        .forEach(
            one ->
                table.row(
                    one.getId(),
                    one.getClientAddress(),
                    one.getClient(),
                    Humans.age(one.getLastUsedTime(), session.clock().instant()),
                    Humans.localTime(one.getExpireTime(), ZoneId.systemDefault()),
                    one.getCurrent() ? "*" : ""));
    return table;
  }
}
