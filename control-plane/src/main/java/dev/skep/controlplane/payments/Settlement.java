package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Money;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done so that we say what the provider says. It only moves forward: what somebody
 * else has seen later stays, so it does not matter in which order events come, or how often.
 */
final class Settlement {
  private final Payment payment;
  private final List<Reversal> known;
  private final List<Step> steps = new ArrayList<>();
  private final Set<UUID> matched = new HashSet<>();

  private Settlement(Payment payment, List<Reversal> known) {
    this.payment = payment;
    this.known = known;
  }

  /** One change, with its movement of money if it has one. */
  sealed interface Step {
    /** The money is there. */
    record TopUp(String capture) implements Step {}

    /** It will not be paid. */
    record End(Payment.State state, String failure) implements Step {}

    /** Money went back that we did not ask for. */
    record Take(Seen.Back back) implements Step {}

    /** The provider has our wish. */
    record Confirm(Reversal reversal, String reference) implements Step {}

    /** Money that went back comes again. */
    record Undo(Reversal reversal) implements Step {}

    /** Somebody has to look at it; nothing is moved. */
    record Alarm(String text) implements Step {}
  }

  /** The steps, in order. */
  static List<Step> of(
      Payment payment, List<Reversal> known, String walletCurrency, Seen seen, Instant now) {
    Settlement settlement = new Settlement(payment, known);
    boolean paid = payment.paid() || settlement.arrive(seen, walletCurrency, now);
    if (paid) {
      settlement.goBack(seen.backs());
    }
    return settlement.steps;
  }

  /** Whether the money is there now. */
  private boolean arrive(Seen seen, String walletCurrency, Instant now) {
    switch (seen.state()) {
      case PAID -> {
        return arrived(seen, walletCurrency);
      }
      case OPEN -> {
        if (payment.expiresAt() != null && now.isAfter(payment.expiresAt())) {
          end(Payment.State.EXPIRED, "");
        }
      }
      case GONE -> end(Payment.State.EXPIRED, "");
      case FAILED -> end(Payment.State.FAILED, seen.failure());
    }
    return false;
  }

  private boolean arrived(Seen seen, String walletCurrency) {
    String wrong = wrong(seen.amount(), walletCurrency);
    if (seen.capture() != null && wrong.isEmpty()) {
      steps.add(new Step.TopUp(seen.capture()));
      return true;
    }
    if (!wrong.isEmpty() && !wrong.equals(payment.failure())) {
      steps.add(new Step.End(Payment.State.FAILED, wrong));
      steps.add(new Step.Alarm(wrong));
    }
    return false;
  }

  private String wrong(@Nullable Money amount, String walletCurrency) {
    if (!payment.amount().equals(amount)) {
      return payment.provider().shown()
          + " has "
          + amount
          + " where "
          + payment.amount()
          + " was asked";
    }
    return payment.amount().currency().equals(walletCurrency)
        ? ""
        : payment.amount() + " was paid into a wallet that has " + walletCurrency + " now";
  }

  private void end(Payment.State state, String failure) {
    if (payment.state() == Payment.State.PENDING) {
      steps.add(new Step.End(state, failure));
    }
  }

  private void goBack(List<Seen.Back> backs) {
    Map<String, Reversal> byReference = new HashMap<>();
    Set<String> looked = new HashSet<>();
    known.stream()
        .filter(reversal -> reversal.reference() != null)
        .forEach(reversal -> byReference.put(reversal.reference(), reversal));
    long left = payment.amount().micros() - payment.refunded() - payment.chargedBack();
    for (Seen.Back back : backs) {
      if (looked.add(back.reference())) {
        Optional<Reversal> ours =
            Optional.ofNullable(byReference.get(back.reference())).or(() -> asked(back));
        ours.ifPresent(reversal -> matched.add(reversal.id()));
        left -= ours.isPresent() ? follow(ours.get(), back) : take(back, left);
      }
    }
  }

  /**
   * Our wish that it came of. One without our mark that is as large as a wish that is still open is
   * taken for it: somebody did by hand what we had not managed yet.
   */
  private Optional<Reversal> asked(Seen.Back back) {
    return known.stream()
        .filter(reversal -> reversal.reference() == null && !matched.contains(reversal.id()))
        .filter(reversal -> back.ours() == null ? isOpen(reversal, back) : isOurs(reversal, back))
        .findFirst();
  }

  private static boolean isOurs(Reversal reversal, Seen.Back back) {
    return reversal.id().equals(back.ours());
  }

  private static boolean isOpen(Reversal reversal, Seen.Back back) {
    return back.kind() == Reversal.Kind.REFUND
        && back.inForce()
        && reversal.state() == Reversal.State.ASKED
        && reversal.amount() == back.amount().micros();
  }

  /** Micro-units that it takes; less than 0 when it gives. */
  private long follow(Reversal reversal, Seen.Back back) {
    if (reversal.state() == Reversal.State.UNDONE) {
      return 0;
    }
    if (!back.inForce()) {
      steps.add(new Step.Undo(reversal));
      return -reversal.amount();
    }
    if (reversal.state() == Reversal.State.ASKED) {
      steps.add(new Step.Confirm(reversal, back.reference()));
    }
    return 0;
  }

  private long take(Seen.Back back, long left) {
    if (!back.inForce()) {
      return 0;
    }
    Money amount = back.amount();
    if (amount.currency().equals(payment.amount().currency())
        && amount.micros() > 0
        && amount.micros() <= left) {
      steps.add(new Step.Take(back));
      return amount.micros();
    }
    String wrong =
        payment.provider().shown()
            + " took back "
            + amount
            + " ("
            + back.reference()
            + "), more than is left of "
            + payment.amount();
    if (!wrong.equals(payment.failure())) {
      steps.add(new Step.Alarm(wrong));
    }
    return 0;
  }
}
