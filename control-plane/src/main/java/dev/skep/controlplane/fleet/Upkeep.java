package dev.skep.controlplane.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an operator wants of a worker.
 *
 * @param deadline of a drain, null for none
 * @param force whether a drain takes the rest down at its deadline, without replacement
 */
public record Upkeep(Availability availability, @Nullable Instant deadline, boolean force) {
  /** Whether a worker takes placements. */
  public enum Availability {
    ACTIVE,
    /** Takes no new ones and keeps those it has. */
    CORDONED,
    /** Takes no new ones, and those it has move away. */
    DRAINING,
    /** Given up for good; its row goes when nothing refers to it any more. */
    REMOVED
  }

  /** Whether a forced drain has come to its deadline. */
  public boolean expired(Instant now) {
    return force && deadline != null && deadline.isBefore(now);
  }

  public static final Upkeep NONE = new Upkeep(Availability.ACTIVE, null, false);
}
