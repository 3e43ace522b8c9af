package dev.skep.controlplane.fleet;

import java.time.Instant;

/**
 * A worker's engine as the Swarm's managers see it.
 *
 * @param id empty until it is part of the Swarm
 * @param state the managers' word: ready, down, …; empty until they know it
 * @param error why it cannot become part of the Swarm, in the engine's words
 * @param manager whether it is one of the managers
 * @param reachable whether the other managers reach it; true for one that is no manager
 * @param since when {@code state} or {@code reachable} changed
 */
public record SwarmNode(
    String id, String state, String error, boolean manager, boolean reachable, Instant since) {
  public boolean ready() {
    return state.equals("ready") && reachable;
  }

  /** Whether the managers have given it up. */
  public boolean down() {
    return state.equals("down") || (manager && !reachable);
  }
}
