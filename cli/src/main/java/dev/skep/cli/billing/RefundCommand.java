package dev.skep.cli.billing;

import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RefundChargeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives back what was charged. */
@Command(
    name = "refund",
    description = "Give back what was charged; the wallet has it then (platform admins).")
final class RefundCommand extends SessionCommand {
  @Parameters(paramLabel = "ID", description = "Of a charge, from skep billing history.")
  String charge = "";

  @Option(
      names = "--amount",
      paramLabel = "AMOUNT",
      description = "A part: 25, 12.50 (all that is left of it).")
  @Nullable String amount;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  String reason = "";

  RefundCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        RefundChargeRequest.newBuilder()
            .setTransaction(charge)
            .setAmountMicros(amount == null ? 0 : Amounts.micros(amount))
            .setDescription(reason)
            .build();
    var response = session.call(() -> session.controlPlane().billing().refundCharge(request));
    session.answerTable(response, () -> MoneyText.transactions(List.of(response.getTransaction())));
  }
}
