package dev.skep.cli.billing;

import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RecordPaymentRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes down money that came in another way. */
@Command(
    name = "record",
    description = "Write down money that came by bank transfer or the like (platform admins).")
final class RecordPaymentCommand extends SessionCommand {
  @Parameters(paramLabel = "AMOUNT", description = "In the wallet's currency: 25, 12.50.")
  String amount = "";

  @Option(
      names = "--reference",
      required = true,
      paramLabel = "TEXT",
      description = "What identifies it for ever; the same one again changes nothing.")
  String reference = "";

  RecordPaymentCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        RecordPaymentRequest.newBuilder()
            .setAmountMicros(Amounts.micros(amount))
            .setReference(reference)
            .build();
    var response = session.call(() -> session.controlPlane().payments().recordPayment(request));
    session.answer(response, () -> PaymentText.payment(response.getPayment()));
  }
}
