package dev.skep.cli.billing;

import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GrantCreditRequest;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives credit away. */
@Command(
    name = "grant",
    description = "Give the organization credit that nobody paid for (platform admins).")
final class GrantCommand extends SessionCommand {
  @Parameters(paramLabel = "AMOUNT", description = "In the wallet's currency: 25, 12.50.")
  String amount = "";

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  String reason = "";

  GrantCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        GrantCreditRequest.newBuilder()
            .setAmountMicros(Amounts.micros(amount))
            .setDescription(reason)
            .build();
    var response = session.call(() -> session.controlPlane().billing().grantCredit(request));
    session.answerTable(response, () -> MoneyText.transactions(List.of(response.getTransaction())));
  }
}
