package dev.skep.controlplane.payments;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks providers of payments whose time has come, so that an event that was lost costs only time.
 */
final class PaymentPoll {
  private static final Logger log = LoggerFactory.getLogger(PaymentPoll.class);
  private static final int BATCH = 20;

  /** Less than the time to the next run; a call that has begun may take seconds more. */
  private static final Duration AT_MOST = Duration.ofSeconds(40);

  private static final Duration EVENTS = Duration.ofDays(90);

  private final Database database;
  private final InstantSource clock;
  private final Settler settler;

  PaymentPoll(Database database, InstantSource clock, Settler settler) {
    this.database = database;
    this.clock = clock;
    this.settler = settler;
  }

  void run() {
    Instant end = clock.instant().plus(AT_MOST);
    while (clock.instant().isBefore(end)) {
      List<Payment> due = claim();
      if (due.isEmpty()) {
        return;
      }
      due.stream().takeWhile(payment -> clock.instant().isBefore(end)).forEach(this::advance);
    }
  }

  private List<Payment> claim() {
    return database.inTransaction(handle -> new PaymentStore(handle).claim(clock.instant(), BATCH));
  }

  /** One that goes wrong must not keep the others from being looked at. */
  private void advance(Payment payment) {
    try {
      settler.advance(payment);
    } catch (Refusal e) {
      log.info("payment {} is looked at again later: {}", payment.id(), e.getMessage());
    } catch (RuntimeException e) {
      log.error("payment {} cannot be looked at; it is tried again later", payment.id(), e);
    }
  }

  void forgetEvents() {
    database.useTransaction(
        handle -> new PaymentStore(handle).forgetEvents(clock.instant().minus(EVENTS)));
  }
}
