package dev.skep.controlplane.identity;

import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Computes password hashes, few at a time: each takes much memory, and a flood of logins must not
 * take the threads of other calls.
 */
final class Hashing {
  private static final int MOST_WAITING = 16;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(3);

  private final HashingCost cost;
  private final SecureRandom random = new SecureRandom();
  private final Semaphore running;
  private final Semaphore present;

  Hashing(HashingCost cost, int atOnce) {
    this.cost = cost;
    this.running = new Semaphore(atOnce, true);
    this.present = new Semaphore(atOnce + MOST_WAITING);
  }

  PasswordHash hash(String password) {
    byte[] salt = new byte[PasswordHash.SALT_BYTES];
    random.nextBytes(salt);
    return inTurn(() -> PasswordHash.of(password, cost, salt));
  }

  /** Whether the guess is right; takes its time when there is nothing to compare with as well. */
  boolean matches(String guess, Optional<PasswordHash> stored) {
    return inTurn(() -> stored.orElseGet(() -> PasswordHash.ofNobody(cost)).matches(guess));
  }

  /** Whether the hash costs less than one that is made now. */
  boolean isOutdated(PasswordHash stored) {
    return !stored.cost().atLeast(cost);
  }

  private <T> T inTurn(Supplier<T> work) {
    if (!present.tryAcquire()) {
      throw busy();
    }
    try {
      if (!running.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
      try {
        return work.get();
      } finally {
        running.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw busy();
    } finally {
      present.release();
    }
  }

  private static Refusal busy() {
    return Refusal.until(
        Reason.TOO_MANY_ATTEMPTS,
        "too many people sign in at this moment; try again in a few seconds",
        LONGEST_WAIT);
  }
}
