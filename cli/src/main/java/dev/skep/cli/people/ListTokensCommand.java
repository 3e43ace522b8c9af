package dev.skep.cli.people;

import static java.util.stream.Collectors.joining;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.client.Pages;
import dev.skep.v1.ListTokensRequest;
import dev.skep.v1.ListTokensResponse;
import dev.skep.v1.Token;
import java.time.ZoneId;
import picocli.CommandLine.Command;

/** Lists tokens. */
@Command(name = "ls", aliases = "list", description = "List tokens, newest first.")
final class ListTokensCommand extends SessionCommand {
  ListTokensCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var pages = session.call(() -> Pages.readAll(this::page, ListTokensResponse::getNextPageToken));
    var all = ListTokensResponse.newBuilder();
    pages.forEach(page -> all.addAllTokens(page.getTokensList()));
    session.answerTable(all, () -> table(all));
  }

  private ListTokensResponse page(String token) {
    return session
        .controlPlane()
        .tokens()
        .listTokens(
            ListTokensRequest.newBuilder().setPageSize(Pages.SIZE).setPageToken(token).build());
  }

  private Table table(ListTokensResponse.Builder all) {
    var table = Table.of("ID", "NAME~", "OF~", "MAY~", "ON~", "USED", "EXPIRES");
    all.getTokensList()
        .forEach(
            one ->
                table.row(
                    one.getId(),
                    one.getName(),
                    one.getUserName(),
                    Permissions.words(one.getPermissionsList()),
                    services(one),
                    Humans.age(one.getLastUsedTime(), session.clock().instant()),
                    Humans.localTime(one.getExpireTime(), ZoneId.systemDefault())));
    return table;
  }

  private static String services(Token token) {
    return token.getServicesCount() == 0
        ? "all"
        : token.getServicesList().stream()
            .map(one -> one.getServiceName().isEmpty() ? "(gone)" : one.getServiceName())
            .collect(joining(","));
  }
}
