package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import dev.skep.controlplane.kernel.OrganizationId;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Money that comes in once.
 *
 * @param reference the provider's id of the checkout
 * @param capture the provider's id of the money itself; null while it is not paid
 * @param refunded micro-units that went back, or are on their way
 * @param chargedBack micro-units that were taken back by who paid
 * @param url where to pay
 * @param failure what is wrong; empty when nothing is
 * @param author name of who began it
 * @param expiresAt until when it can be paid; null for recorded ones
 * @param transaction the movement that brought the money; null while it is not paid
 */
record Payment(
    UUID id,
    OrganizationId organization,
    Provider provider,
    String reference,
    @Nullable String capture,
    Money amount,
    State state,
    long refunded,
    long chargedBack,
    String url,
    String failure,
    String author,
    Instant createdAt,
    @Nullable Instant paidAt,
    @Nullable Instant expiresAt,
    @Nullable Long transaction) {

  /** How far it is; the last three follow from the sums of what went back. */
  enum State {
    PENDING,
    FAILED,
    EXPIRED,
    PAID,
    REFUNDED,
    CHARGED_BACK
  }

  boolean paid() {
    return transaction != null;
  }

  /** Micro-units that have not gone back. */
  long left() {
    return paid() ? amount.micros() - refunded - chargedBack : 0;
  }
}
