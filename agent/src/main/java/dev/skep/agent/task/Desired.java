package dev.skep.agent.task;

import java.util.List;
import java.util.Set;

/** One object that the control plane wants to exist. */
public sealed interface Desired {
  /** Id of the assignment. */
  String id();

  /** Only grows; an older one is never applied. */
  long generation();

  /**
   * Membership of a Swarm: without manager addresses a new one is made.
   *
   * @param forgetNodeId node of a Swarm that has to be left, as long as this engine is that node
   * @param recover whether this manager makes a new quorum of itself alone
   */
  record Swarm(
      String id,
      long generation,
      List<String> managerAddresses,
      String joinToken,
      String forgetNodeId,
      boolean recover)
      implements Desired {
    @Override
    public String toString() {
      return "Swarm[" + id + ", generation=" + generation + ", managers=" + managerAddresses + "]";
    }
  }

  /**
   * The right to change the Swarm, and what its nodes shall be.
   *
   * @param ownerEpoch higher than that of every owner before
   * @param managers ids of nodes that shall be managers
   * @param workers of nodes that shall be none
   * @param gone of nodes that do not come back
   */
  record Control(
      String id,
      long generation,
      long ownerEpoch,
      Set<String> managers,
      Set<String> workers,
      Set<String> gone)
      implements Desired {}

  /** An overlay network of one organization. */
  record Network(
      String id,
      long generation,
      String networkId,
      String organizationId,
      String objectName,
      String subnet)
      implements Desired {}

  /**
   * Replicas of one release on one node.
   *
   * @param maxParallel replicas that are replaced at the same time; 0 for a quarter of them
   */
  record Placement(
      String id,
      long generation,
      String placementId,
      String organizationId,
      String serviceId,
      String serviceName,
      String releaseId,
      String objectName,
      String nodeId,
      long replicas,
      String networkObjectName,
      String endpointMode,
      long restartGeneration,
      boolean stopFirst,
      long maxParallel,
      Workload workload)
      implements Desired {}

  /**
   * An image that this engine has.
   *
   * @param image name@sha256:…
   */
  record Image(String id, long generation, String image) implements Desired {}

  /**
   * A volume of this engine that was given up: exactly this one is deleted, with its data.
   *
   * @param objectName name of the Docker volume
   */
  record NoVolume(String id, long generation, String objectName) implements Desired {}

  /**
   * A Swarm secret: one version of a secret, which never changes.
   *
   * @param value of no bytes when the control plane cannot open it now
   */
  record Secret(
      String id,
      long generation,
      String secretId,
      String organizationId,
      String objectName,
      SecretBytes value)
      implements Desired {}

  /** A kind that this agent does not know. */
  record Unknown(String id, long generation) implements Desired {}
}
