package dev.skep.cli.billing;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.UpdateWalletRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Changes the rules of the wallet. */
@Command(name = "set", description = "Change the rules of the wallet (platform admins).")
final class SetWalletCommand extends SessionCommand {
  @Option(
      names = "--currency",
      paramLabel = "CODE",
      description = "EUR, USD …; only while nothing was ever moved in it.")
  @Nullable String currency;

  @Option(
      names = "--floor",
      paramLabel = "AMOUNT",
      description = "How far it may go: 0, or less for who pays afterwards, like -100.")
  @Nullable String floor;

  @Option(
      names = "--time-zone",
      paramLabel = "ZONE",
      description = "Where months of invoices begin and end: Europe/Berlin.")
  @Nullable String zone;

  SetWalletCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = UpdateWalletRequest.newBuilder();
    if (currency != null) {
      request.setCurrency(currency);
    }
    if (floor != null) {
      request.setFloorMicros(Amounts.micros(floor));
    }
    if (zone != null) {
      request.setTimeZone(zone);
    }
    if (currency == null && floor == null && zone == null) {
      throw CliException.usage("nothing to set", "give --currency, --floor or --time-zone");
    }
    var response =
        session.call(() -> session.controlPlane().billing().updateWallet(request.build()));
    session.answer(response, () -> MoneyText.wallet(response.getWallet()));
  }
}
