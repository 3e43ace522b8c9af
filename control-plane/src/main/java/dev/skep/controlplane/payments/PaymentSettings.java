package dev.skep.controlplane.payments;

import java.net.URI;
import java.util.Optional;

/**
 * Which providers there are.
 *
 * @param comeBack where people are sent after they paid, or did not
 */
public record PaymentSettings(Optional<Stripe> stripe, Optional<PayPal> payPal, URI comeBack) {

  /** How Stripe knows us. */
  public record Stripe(URI url, String secretKey, String webhookSecret) {
    /** Leaves the secrets out. */
    @Override
    public String toString() {
      return "Stripe[" + url + "]";
    }
  }

  /** How PayPal knows us. */
  public record PayPal(URI url, String clientId, String clientSecret, String webhookId) {
    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "PayPal[" + url + ", " + clientId + "]";
    }
  }
}
