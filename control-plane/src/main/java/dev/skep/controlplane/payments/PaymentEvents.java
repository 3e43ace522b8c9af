package dev.skep.controlplane.payments;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Hears what a provider says by itself. Nothing of it is believed but what it is about. */
final class PaymentEvents implements PaymentHook {
  private final Database database;
  private final PaymentGateway gateway;
  private final Settler settler;

  PaymentEvents(Database database, PaymentGateway gateway, Settler settler) {
    this.database = database;
    this.gateway = gateway;
    this.settler = settler;
  }

  @Override
  public void receive(byte[] body, UnaryOperator<String> header) {
    PaymentGateway.Notice notice = gateway.read(body, header);
    if (!isNews(notice)) {
      return;
    }
    try {
      payment(notice).ifPresent(payment -> settler.hear(payment, notice.event(), notice.backs()));
    } catch (ProviderRefused e) {
      throw new Refusal(
          Reason.PROVIDER_UNREACHABLE,
          gateway.provider().shown() + " does not say more of it: " + e.getMessage());
    }
  }

  private boolean isNews(PaymentGateway.Notice notice) {
    return (notice.reference().isPresent() || notice.capture().isPresent())
        && !database.read(
            handle -> new PaymentStore(handle).applied(gateway.provider(), notice.event()));
  }

  /** Empty for what is not ours: others may use the same account there. */
  private Optional<Payment> payment(PaymentGateway.Notice notice) {
    return notice
        .reference()
        .flatMap(this::byReference)
        .or(() -> notice.capture().flatMap(this::byCapture));
  }

  private Optional<Payment> byReference(String reference) {
    return database.read(
        handle -> new PaymentStore(handle).byReference(gateway.provider(), reference));
  }

  /** An event may come before the one that says that it was paid. */
  private Optional<Payment> byCapture(String capture) {
    Optional<Payment> known =
        database.read(handle -> new PaymentStore(handle).byCapture(gateway.provider(), capture));
    return known.or(() -> gateway.referenceOf(capture).flatMap(this::byReference));
  }
}
