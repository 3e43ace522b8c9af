package dev.skep.agent.task;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A whole Swarm service, in the shape and with the words of the Engine API: what is not here is
 * never sent, so a change of this record is a change of what tenants can reach. Null is "not sent".
 */
public record ServiceSpec(
    String name,
    SortedMap<String, String> labels,
    TaskTemplate taskTemplate,
    Mode mode,
    Strategy updateConfig,
    Strategy rollbackConfig,
    EndpointSpec endpointSpec) {

  /** The same with one more label on the service itself, not on its containers. */
  public ServiceSpec withLabel(String key, String value) {
    var all = new TreeMap<>(labels);
    all.put(key, value);
    return new ServiceSpec(
        name, all, taskTemplate, mode, updateConfig, rollbackConfig, endpointSpec);
  }

  /** Environment values stay out of logs. */
  @Override
  public String toString() {
    return "ServiceSpec[" + name + "]";
  }

  /** What every task is made from; any change here replaces the tasks. */
  public record TaskTemplate(
      ContainerSpec containerSpec,
      Resources resources,
      RestartPolicy restartPolicy,
      Placement placement,
      List<Attachment> networks,
      LogDriver logDriver,
      long forceUpdate) {}

  /** The container of a task. */
  public record ContainerSpec(
      String image,
      SortedMap<String, String> labels,
      @Nullable List<String> command,
      @Nullable List<String> args,
      List<String> env,
      @Nullable List<Mount> mounts,
      @Nullable Healthcheck healthcheck,
      long stopGracePeriod,
      boolean init,
      List<String> capabilityAdd,
      List<String> capabilityDrop,
      @Nullable Privileges privileges,
      @Nullable List<SecretReference> secrets) {}

  /** A mount: our own probe directory, or a local volume. */
  public record Mount(
      String type,
      String source,
      String target,
      boolean readOnly,
      @Nullable VolumeOptions volumeOptions) {}

  /** What the engine writes on a volume that it makes; never a driver or its options. */
  public record VolumeOptions(SortedMap<String, String> labels) {}

  /** A Swarm secret as a file in memory. */
  public record SecretReference(String secretID, String secretName, SecretTarget file) {}

  /** Where the file is and whose; absolute names are not below /run/secrets. */
  public record SecretTarget(String name, String uID, String gID, long mode) {}

  /** Docker's HEALTHCHECK; durations in nanoseconds. */
  public record Healthcheck(
      List<String> test,
      long interval,
      long timeout,
      long retries,
      long startPeriod,
      @Nullable Long startInterval) {}

  /** Switches that only take privileges away. */
  public record Privileges(boolean noNewPrivileges) {}

  /** What the cgroup enforces and what Swarm sets aside. */
  public record Resources(Limits limits, Reservations reservations) {}

  /** Upper bounds. */
  public record Limits(long nanoCPUs, long memoryBytes, long pids) {}

  /** Lower bounds. */
  public record Reservations(long nanoCPUs, long memoryBytes) {}

  /** When Swarm starts a task again. */
  public record RestartPolicy(String condition, long delay, long maxAttempts, long window) {}

  /** Where tasks may run. */
  public record Placement(List<String> constraints) {}

  /** A network by id, and the names that a task has in it. */
  public record Attachment(String target, List<String> aliases) {}

  /** Where the output goes. */
  public record LogDriver(String name, Map<String, String> options) {}

  /** Replicated, always. */
  public record Mode(Replicated replicated) {}

  /** How many tasks. */
  public record Replicated(long replicas) {}

  /** How tasks are replaced; durations in nanoseconds. */
  public record Strategy(
      long parallelism,
      long delay,
      String failureAction,
      long monitor,
      double maxFailureRatio,
      String order) {}

  /** How others reach the tasks. */
  public record EndpointSpec(String mode, @Nullable List<PortConfig> ports) {}

  /** A port of the worker. */
  public record PortConfig(
      String protocol, long targetPort, long publishedPort, String publishMode) {}
}
