package dev.skep.controlplane.payments;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Money of a payment that went back.
 *
 * @param reference the provider's id; null while the provider did not say it
 * @param amount micro-units of the payment's currency
 * @param reason why, in the words of who asked
 * @param author name of who asked; empty for what began at the provider
 * @param transaction the movement that took the money
 */
record Reversal(
    UUID id,
    Kind kind,
    @Nullable String reference,
    long amount,
    State state,
    String reason,
    String author,
    Instant createdAt,
    long transaction) {

  /** Who wanted it. */
  enum Kind {
    /** We, or somebody who used the provider's own pages. */
    REFUND,
    /** Who paid, against our will. */
    CHARGEBACK
  }

  /** How far it is; it moves down only. */
  enum State {
    /** The wallet is without it, the provider may not know of it. */
    ASKED,
    DONE,
    /** It came to nothing and the wallet has it again. */
    UNDONE
  }
}
