package dev.skep.controlplane.workload;

import java.util.List;

/**
 * The last report about a placement.
 *
 * @param generation that the report speaks of; 0 before the first one
 * @param code stable word of the agent, empty when fine
 */
public record Observed(
    long generation, ObjectState state, String code, String message, List<Task> tasks) {
  public static final Observed NOTHING = new Observed(0, ObjectState.PENDING, "", "", List.of());

  public Observed {
    tasks = List.copyOf(tasks);
  }
}
