package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.Resources;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each replica of a service is; the number of replicas is kept beside it, because scaling
 * makes no release.
 *
 * @param image as the user wrote it
 * @param resources limit and reservation of one replica
 * @param healthCheck null when the user gave none
 * @param workerLabels labels that a worker must carry
 * @param constraints that must hold of the worker, too
 * @param tolerations taints that do not keep it away
 * @param volumes with one there is one replica, because a volume has one writer
 * @param secrets by name; which version a release has is written beside it
 */
public record ServiceSpec(
    String image,
    List<String> command,
    List<String> args,
    Map<String, String> env,
    Resources resources,
    List<Port> ports,
    @Nullable HealthCheck healthCheck,
    Map<String, String> workerLabels,
    List<Constraint> constraints,
    Set<String> tolerations,
    List<VolumeMount> volumes,
    List<SecretUse> secrets) {

  public static final Resources DEFAULT_RESOURCES = new Resources(250, 256L << 20);

  public ServiceSpec {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = Map.copyOf(env);
    ports = List.copyOf(ports);
    workerLabels = Map.copyOf(workerLabels);
    // Specs of earlier days have none of these.
    constraints = List.copyOf(Objects.requireNonNullElse(constraints, List.of()));
    tolerations = Set.copyOf(Objects.requireNonNullElse(tolerations, Set.of()));
    volumes = List.copyOf(Objects.requireNonNullElse(volumes, List.of()));
    secrets = List.copyOf(Objects.requireNonNullElse(secrets, List.of()));
  }

  /** Fixed ports on the worker; at most one replica with such a port fits on a worker. */
  public List<Integer> hostPorts() {
    return ports.stream().filter(Port::onHost).map(Port::hostPort).toList();
  }

  /** Why one replica has to go before the next one comes; empty when it need not. */
  public Optional<String> interruption() {
    if (!volumes.isEmpty()) {
      return Optional.of(
          "cannot be updated without interruption: its volume has a single writer, so the old"
              + " replica stops before the new one starts");
    }
    return Optional.empty();
  }

  /** The user's health check, else a TCP check on the first TCP port, else none. */
  public Optional<HealthCheck> effectiveHealthCheck() {
    if (healthCheck != null) {
      return Optional.of(healthCheck);
    }
    return firstTcpPort().map(port -> HealthCheck.of(new HealthCheck.Tcp(port)));
  }

  private Optional<Integer> firstTcpPort() {
    return ports.stream().filter(p -> !p.udp()).findFirst().map(Port::containerPort);
  }
}
