package dev.skep.agent.task;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What runs in each replica, as wished for; {@link WorkloadPolicy} says whether it may.
 *
 * @param unreadableSecrets names of those that the control plane cannot open now
 */
public record Workload(
    String image,
    List<String> command,
    List<String> args,
    Map<String, String> env,
    long cpuMillis,
    long memoryBytes,
    List<Port> ports,
    Optional<Probe> probe,
    Duration stopGracePeriod,
    List<Mount> mounts,
    List<String> capabilities,
    boolean privileged,
    List<SecretFile> secretFiles,
    List<String> unreadableSecrets) {

  /** Values of the environment are a tenant's secrets. */
  @Override
  public String toString() {
    return "Workload[" + image + ", env=" + env.keySet() + "]";
  }

  /** A port that is open on the worker itself. */
  public record Port(long containerPort, long hostPort, String protocol) {}

  /**
   * A wish for a mount.
   *
   * @param volumeId of a volume; empty for anything else
   */
  public record Mount(String type, String source, String target, String volumeId) {}

  /**
   * A Swarm secret in a replica.
   *
   * @param objectName of the Swarm secret
   */
  public record SecretFile(String objectName, String path, long mode, long uid, long gid) {}

  /** How the engine checks a replica. */
  public record Probe(
      Check check, Duration interval, Duration timeout, long retries, Duration startPeriod) {}

  /** What one check does. */
  public sealed interface Check {
    /** GET on the loopback of the replica. */
    record Http(long port, String path) implements Check {}

    /** Connect on the loopback of the replica. */
    record Tcp(long port) implements Check {}

    /** Run in the replica, without a shell. */
    record Command(List<String> argv) implements Check {}
  }
}
