package dev.skep.cli.audit;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.AuditEntry;
import dev.skep.v1.ListAuditEntriesRequest;
import java.time.ZoneId;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the last entries. */
@Command(
    name = "tail",
    aliases = {"ls", "list"},
    description = "Show the last entries of the organization's audit trail.")
final class TailCommand extends SessionCommand {
  private static final int MOST = 200;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many, up to 200 (50).")
  int count = 50;

  @Option(
      names = "--platform",
      description = "Those of no organization: logins, passwords, sessions (platform admins).")
  boolean platform;

  TailCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (count < 1 || count > MOST) {
      throw CliException.usage("-n " + count + " is out of range", "use 1 to " + MOST);
    }
    var request =
        ListAuditEntriesRequest.newBuilder().setPageSize(count).setPlatform(platform).build();
    var response = session.call(() -> session.controlPlane().audit().listAuditEntries(request));
    session.answerTable(response, () -> table(response.getEntriesList().reversed()));
  }

  private static Table table(List<AuditEntry> entries) {
    var table = Table.of("TIME", "WHO~", "CALL", "OF~", "OUTCOME");
    entries.forEach(
        e ->
            table.row(
                Humans.localTime(e.getTime(), ZoneId.systemDefault()),
                e.getUserName(),
                e.getAction(),
                Humans.orNone(e.getResource()),
                e.getOutcome()));
    return table;
  }
}
