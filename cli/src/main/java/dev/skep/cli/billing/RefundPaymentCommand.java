package dev.skep.cli.billing;

import dev.skep.cli.parse.Amounts;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RefundPaymentRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives money back to who paid. */
@Command(
    name = "refund",
    description = "Give money back to who paid, out of the wallet (platform admins).")
final class RefundPaymentCommand extends SessionCommand {
  @Parameters(paramLabel = "ID", description = "Of a payment, from skep billing payments.")
  String payment = "";

  @Option(
      names = "--amount",
      paramLabel = "AMOUNT",
      description = "A part: 25, 12.50 (all that is left of it).")
  @Nullable String amount;

  @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why.")
  String reason = "";

  RefundPaymentCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        RefundPaymentRequest.newBuilder()
            .setPayment(payment)
            .setAmountMicros(amount == null ? 0 : Amounts.micros(amount))
            .setReason(reason)
            .build();
    var response = session.call(() -> session.controlPlane().payments().refundPayment(request));
    session.answer(response, () -> PaymentText.payment(response.getPayment()));
  }
}
