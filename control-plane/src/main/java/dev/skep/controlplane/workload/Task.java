package dev.skep.controlplane.workload;

import java.time.Instant;

/**
 * One replica as the Swarm sees it.
 *
 * @param generation of the placement that it was started for
 * @param state Swarm's word: new, pending, …, running, …, failed
 * @param wanted whether Swarm wants it to run
 * @param message engine error or exit, empty when fine
 */
public record Task(
    String id,
    long generation,
    String containerId,
    String state,
    boolean wanted,
    String message,
    Instant since) {

  public boolean running() {
    return wanted && state.equals("running");
  }

  /** Whether it has come to its end, in whatever way. */
  public boolean ended() {
    return switch (state) {
      case "complete", "shutdown", "failed", "rejected", "orphaned", "remove" -> true;
      default -> false;
    };
  }

  public boolean failed() {
    return state.equals("failed") || state.equals("rejected");
  }

  /** Whether it ended although nobody asked; a replica is meant to run for ever. */
  public boolean died() {
    return failed() || state.equals("complete");
  }

  /** Why it ended, for the user. The Swarm says nothing of an unhealthy replica that ends well. */
  public String lastWords() {
    return message.isEmpty() && died()
        ? "it ended by itself or was stopped because it was unhealthy"
        : message;
  }
}
