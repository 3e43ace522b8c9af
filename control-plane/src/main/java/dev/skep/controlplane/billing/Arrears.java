package dev.skep.controlplane.billing;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of an organization that owes something.
 *
 * @param until when the next step follows; null when none does
 * @param owed micro-units
 */
record Arrears(State state, @Nullable Instant until, long owed) {
  enum State {
    ACTIVE,
    GRACE,
    STOPPED,
    EXPIRED
  }

  /**
   * How long each step lasts.
   *
   * @param grace from when something is owed until services are stopped
   * @param keep from then until they are deleted
   */
  record Terms(Duration grace, Duration keep) {}

  /** The next step; this one while there is none to take. */
  Arrears next(Instant now, Terms terms) {
    if (owed == 0) {
      return state == State.ACTIVE ? this : new Arrears(State.ACTIVE, null, 0);
    }
    if (state != State.ACTIVE && (until == null || now.isBefore(until))) {
      return this;
    }
    return switch (state) {
      case ACTIVE -> new Arrears(State.GRACE, now.plus(terms.grace), owed);
      case GRACE -> new Arrears(State.STOPPED, now.plus(terms.keep), owed);
      case STOPPED, EXPIRED -> new Arrears(State.EXPIRED, null, owed);
    };
  }
}
