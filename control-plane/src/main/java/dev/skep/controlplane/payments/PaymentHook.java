package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Refusal;
import java.util.function.UnaryOperator;

/** Where events of a payment provider go. */
public interface PaymentHook {
  /**
   * Takes an event; the same one again changes nothing.
   *
   * @param header the value of a header, empty when it is not there
   * @throws Refusal SIGNATURE_REFUSED, or when the provider should send it again later
   */
  void receive(byte[] body, UnaryOperator<String> header);
}
