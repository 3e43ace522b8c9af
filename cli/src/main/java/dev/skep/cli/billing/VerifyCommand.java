package dev.skep.cli.billing;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.outcome.ExitCode;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.VerifyBillingRequest;
import java.util.List;
import picocli.CommandLine.Command;

/** Checks the whole ledger. */
@Command(
    name = "verify",
    description = "Check the whole ledger; changes nothing (platform admins).")
final class VerifyCommand extends SessionCommand {
  VerifyCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = VerifyBillingRequest.getDefaultInstance();
    var found = session.call(() -> session.controlPlane().billing().verifyBilling(request));
    if (found.getFindingsCount() > 0) {
      throw new CliException(
          ExitCode.REFUSED,
          "the ledger is wrong:\n  " + String.join("\n  ", found.getFindingsList()),
          List.of(),
          "somebody changed the database, or this is a bug; compare it with a backup",
          null);
    }
    session.answer(
        found,
        () ->
            "the movements add up (%d, in %d wallets); hours are closed until %s\n"
                .formatted(
                    found.getTransactions(),
                    found.getWallets(),
                    MoneyText.time(found.getClosedUntilTime())));
  }
}
