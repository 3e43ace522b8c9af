package dev.skep.cli.billing;

import dev.skep.cli.client.Waiter;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Amounts;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetPaymentRequest;
import dev.skep.v1.Payment;
import dev.skep.v1.PaymentState;
import dev.skep.v1.StartTopUpRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Begins a payment, and says where to pay. */
@Command(name = "topup", description = "Pay money into the wallet, in a browser.")
final class TopUpCommand extends SessionCommand {
  @Parameters(paramLabel = "AMOUNT", description = "In the wallet's currency: 25, 12.50.")
  String amount = "";

  @Option(
      names = "--provider",
      paramLabel = "NAME",
      description = "stripe or paypal (the one that is set up).")
  @Nullable String provider;

  @Option(names = "--wait", description = "Wait until it is paid.")
  boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "15m",
      description = "How long to wait (15m).")
  String timeout = "15m";

  TopUpCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request =
        StartTopUpRequest.newBuilder()
            .setAmountMicros(Amounts.micros(amount))
            .setProvider(PaymentText.provider(provider))
            .build();
    var started = session.call(() -> session.controlPlane().payments().startTopUp(request));
    if (!wait) {
      session.answer(started, () -> PaymentText.payHere(started.getPayment()));
      return;
    }
    session.progress("pay at " + started.getPayment().getPayUrl());
    var paid = paid(started.getPayment().getId());
    session.answer(paid, () -> PaymentText.payment(paid));
  }

  private Payment paid(String id) throws InterruptedException {
    var waiter = new Waiter(session.controlPlane(), session.clock(), Durations.parse(timeout));
    var payment = waiter.until("the payment", () -> over(id));
    if (payment.getState() == PaymentState.PAYMENT_STATE_FAILED
        || payment.getState() == PaymentState.PAYMENT_STATE_EXPIRED) {
      throw CliException.usage(
          "the payment came to nothing" + PaymentText.why(payment), "begin another one");
    }
    return payment;
  }

  private Optional<Payment> over(String id) {
    var request = GetPaymentRequest.newBuilder().setPayment(id).build();
    return Optional.of(session.controlPlane().payments().getPayment(request).getPayment())
        .filter(payment -> payment.getState() != PaymentState.PAYMENT_STATE_PENDING);
  }
}
