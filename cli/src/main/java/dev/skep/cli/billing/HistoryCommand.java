package dev.skep.cli.billing;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListTransactionsRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists movements of money. */
@Command(name = "history", description = "List movements of money, newest first.")
final class HistoryCommand extends SessionCommand {
  private static final int MOST = 200;

  @Option(
      names = "-n",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many, up to 200 (50).")
  int count = 50;

  @Option(names = "--without-charges", description = "Leave hours out.")
  boolean withoutCharges;

  HistoryCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (count < 1 || count > MOST) {
      throw CliException.usage("-n " + count + " is out of range", "use 1 to " + MOST);
    }
    var request =
        ListTransactionsRequest.newBuilder()
            .setPageSize(count)
            .setWithoutCharges(withoutCharges)
            .build();
    var response = session.call(() -> session.controlPlane().billing().listTransactions(request));
    session.answerTable(response, () -> MoneyText.transactions(response.getTransactionsList()));
  }
}
