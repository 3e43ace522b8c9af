package dev.skep.agent.task;

import dev.skep.agent.task.ServiceSpec.Attachment;
import dev.skep.agent.task.ServiceSpec.ContainerSpec;
import dev.skep.agent.task.ServiceSpec.EndpointSpec;
import dev.skep.agent.task.ServiceSpec.Healthcheck;
import dev.skep.agent.task.ServiceSpec.Limits;
import dev.skep.agent.task.ServiceSpec.LogDriver;
import dev.skep.agent.task.ServiceSpec.Mode;
import dev.skep.agent.task.ServiceSpec.Mount;
import dev.skep.agent.task.ServiceSpec.Placement;
import dev.skep.agent.task.ServiceSpec.PortConfig;
import dev.skep.agent.task.ServiceSpec.Privileges;
import dev.skep.agent.task.ServiceSpec.Replicated;
import dev.skep.agent.task.ServiceSpec.Reservations;
import dev.skep.agent.task.ServiceSpec.Resources;
import dev.skep.agent.task.ServiceSpec.RestartPolicy;
import dev.skep.agent.task.ServiceSpec.SecretReference;
import dev.skep.agent.task.ServiceSpec.SecretTarget;
import dev.skep.agent.task.ServiceSpec.Strategy;
import dev.skep.agent.task.ServiceSpec.TaskTemplate;
import dev.skep.agent.task.Workload.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns a placement into the whole spec of its Swarm service. */
public final class RenderService {
  /** What a container has without asking; less than the engine's own default of 14. */
  static final List<String> DEFAULT_CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_NET_BIND_SERVICE",
          "CAP_SETGID",
          "CAP_SETUID");

  private static final long PIDS_LIMIT = 512;
  private static final Duration RESTART_DELAY = Duration.ofSeconds(1);
  private static final Duration RESTART_WINDOW = Duration.ofSeconds(30);
  private static final Duration MONITOR = Duration.ofSeconds(5);
  private static final Duration START_INTERVAL = Duration.ofSeconds(1);
  private static final String PROBE_TARGET = "/.skep";
  private static final String BUSYBOX = PROBE_TARGET + "/busybox";

  private final EngineFeatures engine;

  public RenderService(EngineFeatures engine) {
    this.engine = engine;
  }

  /**
   * Ids by which the Swarm knows what a service needs.
   *
   * @param secrets by name
   */
  public record Ids(String network, Map<String, String> secrets) {}

  /**
   * The spec.
   *
   * @param containerGeneration goes on the containers; older than the placement's generation when
   *     its change (replicas, update order) does not concern them, because a label that changes
   *     would replace every one of them
   */
  public ServiceSpec render(Desired.Placement wanted, Ids ids, long containerGeneration) {
    return new ServiceSpec(
        wanted.objectName(),
        labels(wanted, wanted.generation()),
        template(wanted, ids, containerGeneration),
        new Mode(new Replicated(wanted.replicas())),
        strategy(wanted),
        strategy(wanted),
        new EndpointSpec(wanted.endpointMode(), ports(wanted.workload().ports())));
  }

  private static SortedMap<String, String> labels(Desired.Placement wanted, long generation) {
    return new TreeMap<>(
        Map.of(
            Labels.ORGANIZATION, wanted.organizationId(),
            Labels.SERVICE, wanted.serviceId(),
            Labels.RELEASE, wanted.releaseId(),
            Labels.PLACEMENT, wanted.placementId(),
            Labels.GENERATION, Long.toString(generation)));
  }

  private TaskTemplate template(Desired.Placement wanted, Ids ids, long generation) {
    return new TaskTemplate(
        container(wanted, ids, generation),
        resources(wanted.workload()),
        new RestartPolicy("any", RESTART_DELAY.toNanos(), 0, RESTART_WINDOW.toNanos()),
        new Placement(List.of("node.id==" + wanted.nodeId())),
        List.of(new Attachment(ids.network(), List.of(wanted.serviceName()))),
        new LogDriver("json-file", Map.of("max-size", "10m", "max-file", "3")),
        wanted.restartGeneration());
  }

  private ContainerSpec container(Desired.Placement wanted, Ids ids, long generation) {
    var workload = wanted.workload();
    return new ContainerSpec(
        workload.image(),
        labels(wanted, generation),
        orNull(workload.command()),
        orNull(workload.args()),
        environment(workload.env()),
        mounts(wanted),
        workload.probe().map(this::healthcheck).orElse(null),
        workload.stopGracePeriod().toNanos(),
        true,
        capabilities(workload),
        List.of("ALL"),
        engine.noNewPrivileges() ? new Privileges(true) : null,
        orNull(workload.secretFiles().stream().map(f -> secret(f, ids)).toList()));
  }

  /** Unlike environment and mounts, the Swarm takes names of secrets and files literally. */
  private static SecretReference secret(Workload.SecretFile file, Ids ids) {
    return new SecretReference(
        ids.secrets().getOrDefault(file.objectName(), ""),
        file.objectName(),
        new SecretTarget(
            file.path(), Long.toString(file.uid()), Long.toString(file.gid()), file.mode()));
  }

  private static List<String> environment(Map<String, String> env) {
    return new TreeMap<>(env)
        .entrySet().stream().map(e -> GoTemplate.escape(e.getKey() + "=" + e.getValue())).toList();
  }

  private static List<String> capabilities(Workload workload) {
    var all = new TreeSet<>(DEFAULT_CAPABILITIES);
    workload.capabilities().forEach(c -> all.add(WorkloadPolicy.canonicalCapability(c)));
    return List.copyOf(all);
  }

  /** Our own tools, so that a probe works in an image that has none, and what keeps data. */
  private @Nullable List<Mount> mounts(Desired.Placement wanted) {
    var workload = wanted.workload();
    boolean needsTools =
        workload.probe().map(p -> !(p.check() instanceof Check.Command)).orElse(false);
    var all = new ArrayList<Mount>();
    if (needsTools) {
      all.add(new Mount("bind", GoTemplate.escape(engine.probeDir()), PROBE_TARGET, true, null));
    }
    workload.mounts().forEach(m -> all.add(volume(wanted, m)));
    return orNull(all);
  }

  /** The engine makes it when it is not there, with these labels. */
  private static Mount volume(Desired.Placement wanted, Workload.Mount mount) {
    var labels =
        new TreeMap<>(
            Map.of(
                Labels.ORGANIZATION, wanted.organizationId(),
                Labels.SERVICE, wanted.serviceId(),
                Labels.VOLUME, mount.volumeId()));
    return new Mount(
        "volume",
        mount.source(),
        GoTemplate.escape(mount.target()),
        false,
        new ServiceSpec.VolumeOptions(labels));
  }

  private Healthcheck healthcheck(Workload.Probe probe) {
    return new Healthcheck(
        test(probe.check()),
        probe.interval().toNanos(),
        probe.timeout().toNanos(),
        probe.retries(),
        probe.startPeriod().toNanos(),
        engine.startInterval() ? START_INTERVAL.toNanos() : null);
  }

  private static List<String> test(Check check) {
    return switch (check) {
      case Check.Http http ->
          List.of(
              "CMD",
              BUSYBOX,
              "wget",
              "-q",
              "-O",
              "/dev/null",
              "http://127.0.0.1:" + http.port() + http.path());
      // Busybox has no "nc -z"; with -e it runs "true" as soon as it is connected.
      case Check.Tcp tcp ->
          List.of(
              "CMD",
              BUSYBOX,
              "nc",
              "-w",
              "2",
              "127.0.0.1",
              Long.toString(tcp.port()),
              "-e",
              BUSYBOX,
              "true");
      case Check.Command command -> prefixed("CMD", command.argv());
    };
  }

  private static List<String> prefixed(String first, List<String> rest) {
    var all = new java.util.ArrayList<String>(rest.size() + 1);
    all.add(first);
    all.addAll(rest);
    return List.copyOf(all);
  }

  private static Resources resources(Workload workload) {
    long nanoCpus = workload.cpuMillis() * 1_000_000;
    return new Resources(
        new Limits(nanoCpus, workload.memoryBytes(), PIDS_LIMIT),
        new Reservations(nanoCpus, workload.memoryBytes()));
  }

  /**
   * A quarter at a time unless the user says otherwise: one by one a large placement takes minutes,
   * all at once it needs twice its resources and a bad release takes every replica down. Swarm
   * pauses at the first failure; going back is the control plane's decision.
   */
  private static Strategy strategy(Desired.Placement wanted) {
    return new Strategy(
        wanted.maxParallel() > 0 ? wanted.maxParallel() : Math.max(1, (wanted.replicas() + 3) / 4),
        0,
        "pause",
        MONITOR.toNanos(),
        0,
        wanted.stopFirst() ? "stop-first" : "start-first");
  }

  private static @Nullable List<PortConfig> ports(List<Workload.Port> ports) {
    return orNull(
        ports.stream()
            .map(p -> new PortConfig(p.protocol(), p.containerPort(), p.hostPort(), "host"))
            .toList());
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return Optional.of(list).filter(l -> !l.isEmpty()).orElse(null);
  }
}
