package dev.skep.cli.notifications;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListNotificationsRequest;
import dev.skep.v1.ListNotificationsResponse;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists notifications, newest first. */
@Command(name = "ls", aliases = "list", description = "List notifications, newest first.")
final class ListNotificationsCommand extends SessionCommand {
  private static final int MOST = 200;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many at most, up to 200 (50).")
  int limit = 50;

  ListNotificationsCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (limit < 1 || limit > MOST) {
      throw CliException.usage("--limit " + limit + " is out of range", "use 1 to " + MOST);
    }
    var request = ListNotificationsRequest.newBuilder().setPageSize(limit).build();
    var response =
        session.call(() -> session.controlPlane().notifications().listNotifications(request));
    session.answerTable(response, () -> table(response, session.clock().instant()));
  }

  private static Table table(ListNotificationsResponse response, Instant now) {
    var table = Table.of("AGE", "SEVERITY", "TYPE", "SUBJECT", "MESSAGE~");
    response
        .getNotificationsList()
        .forEach(
            n ->
                table.row(
                    Humans.age(n.getCreateTime(), now),
                    Humans.word(n.getSeverity(), "NOTIFICATION_SEVERITY_"),
                    n.getType(),
                    n.getSubject(),
                    n.getMessage()));
    return table;
  }
}
