package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.Refusal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * A payment provider. Every call ends within seconds, and throws PROVIDER_UNREACHABLE when nobody
 * knows what came of it, or {@link ProviderRefused} for a clear no.
 */
interface PaymentGateway {
  Provider provider();

  /** The smallest amount of the currency there. */
  Coin coin(String currency);

  /** Begins a payment. */
  Opened open(UUID payment, Money amount, String organization);

  /** What it says now. Money that waits to be taken is taken, if it is the right amount. */
  Seen look(Payment payment);

  /** Gives money back; the same reversal once, however often it is asked for. */
  Seen.Back refund(Payment payment, Reversal reversal);

  /**
   * Reads an event that came in.
   *
   * @param header the value of a header, empty when it is not there
   * @throws Refusal SIGNATURE_REFUSED when the provider did not send it
   */
  Notice read(byte[] body, UnaryOperator<String> header);

  /** The reference of the payment that brought this money. */
  Optional<String> referenceOf(String capture);

  /** A payment that can be paid. */
  record Opened(String reference, String url, Instant expiresAt) {}

  /**
   * An event; about a payment when it has a reference or a capture.
   *
   * @param backs what it says that went back
   */
  record Notice(
      String event, Optional<String> reference, Optional<String> capture, List<Seen.Back> backs) {
    static Notice aboutNothing(String event) {
      return new Notice(event, Optional.empty(), Optional.empty(), List.of());
    }
  }
}
