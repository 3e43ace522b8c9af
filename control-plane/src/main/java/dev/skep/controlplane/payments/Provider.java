package dev.skep.controlplane.payments;

import java.util.Locale;

/** Over whom money comes. */
enum Provider {
  STRIPE("Stripe"),
  PAYPAL("PayPal"),
  /** A platform admin wrote it down; there is nobody to ask. */
  MANUAL("hand");

  private final String shown;

  Provider(String shown) {
    this.shown = shown;
  }

  /** As people write it. */
  String shown() {
    return shown;
  }

  /** As it is in keys and paths. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The key in the ledger of something that the provider calls so. */
  String key(String reference) {
    return word() + ":" + reference;
  }
}
