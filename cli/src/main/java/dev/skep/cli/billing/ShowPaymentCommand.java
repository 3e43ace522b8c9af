package dev.skep.cli.billing;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetPaymentRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows a payment. */
@Command(name = "show", description = "Show a payment, with what went back of it.")
final class ShowPaymentCommand extends SessionCommand {
  @Parameters(paramLabel = "ID", description = "Of a payment, from skep billing payments.")
  String payment = "";

  ShowPaymentCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetPaymentRequest.newBuilder().setPayment(payment).build();
    var response = session.call(() -> session.controlPlane().payments().getPayment(request));
    session.answer(response, () -> PaymentText.payment(response.getPayment()));
  }
}
