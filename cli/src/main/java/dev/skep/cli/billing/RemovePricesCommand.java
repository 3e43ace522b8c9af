package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeletePriceListRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes a price list that has not begun. */
@Command(
    name = "rm",
    aliases = "delete",
    description = "Remove a price list that has not begun (platform admins).")
final class RemovePricesCommand extends SessionCommand {
  @Parameters(paramLabel = "ID", description = "From skep billing prices.")
  String id = "";

  RemovePricesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = DeletePriceListRequest.newBuilder().setPriceList(id).build();
    var response = session.call(() -> session.controlPlane().billing().deletePriceList(request));
    session.answer(response, () -> "price list " + id + " is removed\n");
  }
}
