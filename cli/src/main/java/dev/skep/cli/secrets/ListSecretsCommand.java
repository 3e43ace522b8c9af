package dev.skep.cli.secrets;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListSecretsRequest;
import dev.skep.v1.ListSecretsResponse;
import java.time.Instant;
import picocli.CommandLine.Command;

/** Lists secrets by name. */
@Command(name = "ls", aliases = "list", description = "List secrets by name; no values.")
final class ListSecretsCommand extends SessionCommand {
  ListSecretsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var all = ListSecretsResponse.newBuilder();
    var token = "";
    do {
      var request = ListSecretsRequest.newBuilder().setPageSize(200).setPageToken(token).build();
      var page = session.call(() -> session.controlPlane().secrets().listSecrets(request));
      all.addAllSecrets(page.getSecretsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    session.answerTable(all, () -> table(all.build(), session.clock().instant()));
  }

  private static Table table(ListSecretsResponse response, Instant now) {
    var table = Table.of("SECRET~", "VERSION", "SINCE", "ID");
    response
        .getSecretsList()
        .forEach(
            s ->
                table.row(
                    s.getName(),
                    Integer.toString(s.getCurrentVersion()),
                    Humans.age(s.getUpdateTime(), now),
                    s.getId()));
    return table;
  }
}
