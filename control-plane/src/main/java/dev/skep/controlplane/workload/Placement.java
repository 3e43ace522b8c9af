package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.WorkerId;

/**
 * Replicas of one release on one worker: what is wanted, and beside it what was last seen.
 *
 * @param generation grows with every change of what is wanted
 * @param removing nothing shall be left of it
 * @param claim what each replica has reserved
 */
public record Placement(
    PlacementId id,
    WorkerId worker,
    ReleaseId release,
    int replicas,
    long generation,
    long restartGeneration,
    boolean removing,
    Claim claim,
    Observed observed) {

  /** Whether the agent has done what the newest generation asks. */
  public boolean applied() {
    return observed.generation() == generation && observed.state() == ObjectState.APPLIED;
  }

  public boolean gone() {
    return removing && observed.state() == ObjectState.REMOVED;
  }

  /** It has no replica, and the Swarm no task of it that may still run. */
  public boolean quiet() {
    return replicas == 0 && applied() && observed.tasks().stream().allMatch(Task::ended);
  }

  /** Healthy replicas of any generation. */
  public int running() {
    return (int) observed.tasks().stream().filter(Task::running).count();
  }

  /** Healthy replicas of the newest generation. */
  public int current() {
    return (int)
        observed.tasks().stream().filter(t -> t.running() && t.generation() == generation).count();
  }
}
