package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListPriceListsRequest;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Price lists; without a verb it lists them. */
@Command(name = "prices", description = "List price lists, newest first, or make and remove them.")
final class PricesCommand extends SessionCommand {
  PricesCommand(Session session) {
    super(session);
  }

  static CommandLine with(Session session) {
    return new CommandLine(new PricesCommand(session))
        .addSubcommand(new CreatePricesCommand(session))
        .addSubcommand(new RemovePricesCommand(session));
  }

  @Override
  protected void run() {
    var request = ListPriceListsRequest.getDefaultInstance();
    var response = session.call(() -> session.controlPlane().billing().listPriceLists(request));
    session.answerTable(response, () -> MoneyText.prices(response.getPriceListsList()));
  }
}
