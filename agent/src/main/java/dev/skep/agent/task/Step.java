package dev.skep.agent.task;

import java.util.List;

/** The one next thing to do for an object. */
public sealed interface Step {
  /** The engine has it. */
  record Settled() implements Step {}

  /** Nothing can be done now; something else has to happen first. */
  record Wait(String code, String message) implements Step {}

  /** Nothing can ever be done in this generation. */
  record Refuse(String code, String message) implements Step {}

  record CreateNetwork(Desired.Network network) implements Step {}

  record RemoveNetwork(Observed.Network network) implements Step {}

  record CreateSecret(Desired.Secret secret) implements Step {}

  record RemoveSecret(Observed.Secret secret) implements Step {}

  record CreateService(ServiceSpec spec) implements Step {}

  /**
   * Replaces the whole spec.
   *
   * @param generation a service that carries a greater one by now is left alone
   */
  record UpdateService(String serviceId, long generation, ServiceSpec spec) implements Step {}

  record RemoveService(Observed.Service service) implements Step {}

  /** Unless the engine has it by now. */
  record PullImage(String image) implements Step {}

  /** Exactly this reference, and only if no container uses it. */
  record RemoveImage(String image) implements Step {}

  /** Exactly this one, and only if no container has it, stopped ones included. */
  record RemoveVolume(String name) implements Step {}

  record InitSwarm() implements Step {}

  record JoinSwarm(List<String> managerAddresses, String joinToken) implements Step {
    @Override
    public String toString() {
      return "JoinSwarm[" + managerAddresses + "]";
    }
  }

  record LeaveSwarm() implements Step {}

  /** This manager becomes the only one, with all that its Swarm has. */
  record RecoverSwarm() implements Step {}

  /** Writes on the Swarm who changes it from now on. */
  record ClaimSwarm(long ownerEpoch) implements Step {}

  record PromoteNode(String nodeId) implements Step {}

  record DemoteNode(String nodeId) implements Step {}

  /** Of a node that is down and no manager. */
  record RemoveNode(String nodeId) implements Step {}
}
