package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetWalletRequest;
import picocli.CommandLine.Command;

/** Shows the wallet. */
@Command(
    name = "show",
    description = "Show the wallet, what runs now costs, and how long it lasts.")
final class ShowCommand extends SessionCommand {
  ShowCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetWalletRequest.getDefaultInstance();
    var response = session.call(() -> session.controlPlane().billing().getWallet(request));
    session.answer(response, () -> MoneyText.wallet(response.getWallet()));
  }
}
