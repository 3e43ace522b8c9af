package dev.skep.cli.quotas;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListQuotaDefaultsRequest;
import dev.skep.v1.ListQuotasRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists what may be taken, and what is. */
@Command(name = "ls", aliases = "list", description = "List limits and what is used of them.")
final class ListQuotasCommand extends SessionCommand {
  @Option(names = "--defaults", description = "Those that new organizations get.")
  boolean defaults;

  ListQuotasCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (defaults) {
      var request = ListQuotaDefaultsRequest.getDefaultInstance();
      var response = session.call(() -> session.controlPlane().quotas().listQuotaDefaults(request));
      session.answerTable(response, () -> QuotaText.defaults(response.getLimitsList()));
    } else {
      var request = ListQuotasRequest.getDefaultInstance();
      var response = session.call(() -> session.controlPlane().quotas().listQuotas(request));
      session.answerTable(response, () -> QuotaText.table(response.getQuotasList()));
    }
  }
}
