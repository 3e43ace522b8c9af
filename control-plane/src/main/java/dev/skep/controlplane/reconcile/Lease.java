package dev.skep.controlplane.reconcile;

import java.time.Instant;

/**
 * How long the copy of a service may run on a worker without a word from a control plane.
 *
 * @param until when its agent has certainly stopped it, by the clock of the database
 * @param readAt what that clock said when this was read
 */
public record Lease(Instant until, Instant readAt) {
  /** Whether the agent has stopped the copy. */
  boolean over() {
    return readAt.isAfter(until);
  }
}
