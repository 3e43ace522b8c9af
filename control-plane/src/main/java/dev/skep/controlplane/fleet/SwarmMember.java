package dev.skep.controlplane.fleet;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A worker as far as the management of its Swarm is concerned.
 *
 * @param wanted whether it shall be a manager
 * @param controlError why its engine, a manager's, cannot change the Swarm; empty when it can
 * @param errorSince null when there is no error
 */
public record SwarmMember(
    Worker worker, boolean wanted, String controlError, @Nullable Instant errorSince) {

  boolean manager() {
    return worker.swarm().manager();
  }

  /** A manager that takes part in decisions, as the others see it. */
  boolean voting() {
    return manager() && !worker.swarm().down();
  }

  boolean connected() {
    return worker.link().connected();
  }

  /** Whether its agent can be told to change the Swarm, with success. */
  boolean able() {
    return manager() && connected() && controlError.isEmpty() && !removed();
  }

  boolean removed() {
    return worker.upkeep().availability() == Upkeep.Availability.REMOVED;
  }

  boolean draining() {
    return worker.upkeep().availability() == Upkeep.Availability.DRAINING;
  }

  boolean mayManage() {
    return worker.roles().contains(WorkerRole.MANAGER)
        && !worker.swarm().id().isEmpty()
        && !removed();
  }
}
