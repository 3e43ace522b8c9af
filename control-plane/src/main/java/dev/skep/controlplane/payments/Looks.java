package dev.skep.controlplane.payments;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a provider is asked of a payment again, should it not say by itself what happened. */
final class Looks {
  /** Claimed ones are looked at again after this, whatever happens to who claimed them. */
  static final Duration CLAIM = Duration.ofMinutes(2);

  private static final Duration FRESH = Duration.ofMinutes(30);
  private static final Duration OFTEN = Duration.ofMinutes(1);
  private static final Duration SELDOM = Duration.ofMinutes(15);

  /** Money can be taken back for about four months; half a year is asked for. */
  private static final Duration DISPUTABLE = Duration.ofDays(180);

  private Looks() {}

  /** Empty for never. */
  static Optional<Instant> next(Payment payment, boolean asked, Instant now) {
    if (payment.provider() == Provider.MANUAL) {
      return Optional.empty();
    }
    if (asked) {
      return Optional.of(now.plus(OFTEN));
    }
    return switch (payment.state()) {
      case PENDING ->
          Optional.of(now.plus(payment.createdAt().plus(FRESH).isAfter(now) ? OFTEN : SELDOM));
      case FAILED ->
          payment.expiresAt() != null && payment.expiresAt().isAfter(now)
              ? Optional.of(now.plus(SELDOM))
              : Optional.empty();
      case EXPIRED -> Optional.empty();
      case PAID, REFUNDED, CHARGED_BACK ->
          payment.createdAt().plus(DISPUTABLE).isAfter(now)
              ? Optional.of(now.plus(Duration.ofDays(1)))
              : Optional.empty();
    };
  }
}
