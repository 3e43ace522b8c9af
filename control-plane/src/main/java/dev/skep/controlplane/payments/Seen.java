package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of a payment.
 *
 * @param capture its id of the money; null unless paid
 * @param amount what was paid; null unless paid
 * @param failure why it failed; empty when it did not
 * @param backs what went back, as far as it is known
 */
record Seen(
    State state,
    @Nullable String capture,
    @Nullable Money amount,
    String failure,
    List<Back> backs) {

  /** How far it is there. */
  enum State {
    OPEN,
    PAID,
    FAILED,
    /** Nobody can pay it any more. */
    GONE
  }

  /**
   * Money that went back.
   *
   * @param inForce false when it failed, or was decided for us
   * @param ours the id of our wish that it came of; null when it began there
   */
  record Back(
      String reference, Reversal.Kind kind, Money amount, boolean inForce, @Nullable UUID ours) {}

  static Seen open() {
    return new Seen(State.OPEN, null, null, "", List.of());
  }

  static Seen gone() {
    return new Seen(State.GONE, null, null, "", List.of());
  }

  static Seen failed(String failure) {
    return new Seen(State.FAILED, null, null, failure, List.of());
  }

  static Seen paid(String capture, Money amount, List<Back> backs) {
    return new Seen(State.PAID, capture, amount, "", backs);
  }

  /** With what an event says. */
  Seen and(List<Back> more) {
    return new Seen(
        state, capture, amount, failure, Stream.concat(more.stream(), backs.stream()).toList());
  }
}
