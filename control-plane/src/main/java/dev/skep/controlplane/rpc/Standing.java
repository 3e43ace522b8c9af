package dev.skep.controlplane.rpc;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Whether the caller of a long call may still make it. Roles are taken away and tokens are revoked
 * while it goes on: it asks again every ten seconds.
 */
public final class Standing {
  static final Duration EVERY = Duration.ofSeconds(10);

  private final Runnable authorization;
  private final LongSupplier nanos;
  private long asked;

  /**
   * Right after the call was let through.
   *
   * @param authorization lets it through again, or throws why not
   */
  public Standing(Runnable authorization, LongSupplier nanos) {
    this.authorization = authorization;
    this.nanos = nanos;
    this.asked = nanos.getAsLong();
  }

  /** For one thread; cheap between two times of asking. */
  public void check() {
    if (nanos.getAsLong() - asked >= EVERY.toNanos()) {
      asked = nanos.getAsLong();
      authorization.run();
    }
  }
}
