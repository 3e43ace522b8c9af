package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.WorkerId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the system sees of a service, derived from rows each time it is asked.
 *
 * @param reason why it is not as wanted, for the user; empty when it is
 */
public record ServiceStatus(State state, String reason, int running) {
  /** One line of truth per service. */
  public enum State {
    PENDING,
    DEPLOYING,
    RUNNING,
    DEGRADED,
    STOPPED,
    FAILED,
    DELETING,
    UNKNOWN
  }

  /**
   * What else there is to know.
   *
   * @param unseen workers whose agents are not connected
   * @param lost those of them that are lost
   * @param waitingFor why replicas have no place; empty when they have
   */
  public record Surroundings(Set<WorkerId> unseen, Set<WorkerId> lost, String waitingFor) {}

  /**
   * Derives the status.
   *
   * @param latest the newest deployment, null when there is none
   */
  public static ServiceStatus of(
      Wanted wanted,
      int replicas,
      List<Placement> placements,
      @Nullable Deployment latest,
      Surroundings around) {
    int running =
        placements.stream()
            .filter(p -> !around.lost.contains(p.worker()))
            .mapToInt(Placement::running)
            .sum();
    return switch (wanted) {
      case DELETED -> new ServiceStatus(State.DELETING, left(placements), running);
      case STOPPED -> new ServiceStatus(State.STOPPED, left(placements), running);
      case RUNNING -> running(replicas, running, placements, latest, around);
    };
  }

  private static ServiceStatus running(
      int replicas,
      int running,
      List<Placement> placements,
      @Nullable Deployment latest,
      Surroundings around) {
    if (latest != null && !latest.state().ended()) {
      int current = placements.stream().mapToInt(Placement::current).sum();
      if (latest.state() == DeploymentState.VERIFYING && current >= replicas) {
        // The deployment is still being watched for a moment.
        return new ServiceStatus(State.RUNNING, "", running);
      }
      State state = latest.state() == DeploymentState.PENDING ? State.PENDING : State.DEPLOYING;
      return new ServiceStatus(state, latest.reason(), running);
    }
    boolean hidden =
        !placements.isEmpty()
            && placements.stream().allMatch(p -> around.unseen.contains(p.worker()));
    if (hidden && running >= replicas) {
      return new ServiceStatus(
          State.UNKNOWN,
          "the agents of its workers are not connected; it is assumed to run",
          running);
    }
    if (latest != null && latest.state() == DeploymentState.FAILED) {
      return new ServiceStatus(
          running == 0 ? State.FAILED : State.DEGRADED, latest.reason(), running);
    }
    if (running >= replicas) {
      return new ServiceStatus(State.RUNNING, around.waitingFor, running);
    }
    String why =
        around.waitingFor.isEmpty() ? missing(replicas - running, placements) : around.waitingFor;
    return new ServiceStatus(State.DEGRADED, why, running);
  }

  private static String left(List<Placement> placements) {
    int tasks = placements.stream().mapToInt(p -> p.observed().tasks().size()).sum();
    return placements.isEmpty()
        ? ""
        : "waits for " + Math.max(tasks, placements.size()) + " replicas to go away";
  }

  private static String missing(int count, List<Placement> placements) {
    Optional<String> why =
        placements.stream()
            .flatMap(p -> p.observed().tasks().stream())
            .map(Task::message)
            .filter(m -> !m.isEmpty())
            .findFirst();
    return count + " replicas are not running" + why.map(m -> ": " + m).orElse("");
  }
}
