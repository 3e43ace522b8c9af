package dev.skep.controlplane.services;

import com.google.protobuf.Duration;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.workload.Constraint;
import dev.skep.controlplane.workload.HealthCheck;
import dev.skep.controlplane.workload.Port;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.VolumeMount;
import dev.skep.v1.CommandCheck;
import dev.skep.v1.Exposure;
import dev.skep.v1.HttpCheck;
import dev.skep.v1.Protocol;
import dev.skep.v1.TcpCheck;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Specs between the API and the domain; fills in defaults. */
final class SpecProtos {
  private SpecProtos() {}

  static ServiceSpec toDomain(dev.skep.v1.ServiceSpec spec) {
    return new ServiceSpec(
        spec.getImage(),
        spec.getCommandList(),
        spec.getArgsList(),
        spec.getEnvMap(),
        resources(spec.getResources()),
        spec.getPortsList().stream().map(SpecProtos::port).toList(),
        spec.hasHealthCheck() ? healthCheck(spec) : null,
        spec.getWorkerLabelsMap(),
        // What cannot be parsed is refused by SpecFields.
        spec.getConstraintsList().stream()
            .map(Constraint::parse)
            .flatMap(Optional::stream)
            .toList(),
        Set.copyOf(spec.getTolerationsList()),
        spec.getVolumesList().stream().map(v -> new VolumeMount(v.getName(), v.getPath())).toList(),
        spec.getSecretsList().stream().map(SecretProtos::toDomain).toList());
  }

  private static Resources resources(dev.skep.v1.Resources resources) {
    Resources defaults = ServiceSpec.DEFAULT_RESOURCES;
    return new Resources(
        resources.getCpuMillis() == 0 ? defaults.cpuMillis() : resources.getCpuMillis(),
        resources.getMemoryBytes() == 0 ? defaults.memoryBytes() : resources.getMemoryBytes());
  }

  private static Port port(dev.skep.v1.Port port) {
    // A host exposure without a port is shown as -1, so that the rules name the field.
    int hostPort =
        port.getExposure() == Exposure.EXPOSURE_HOST && port.getHostPort() == 0
            ? -1
            : port.getHostPort();
    return new Port(port.getContainerPort(), hostPort, port.getProtocol() == Protocol.PROTOCOL_UDP);
  }

  private static @Nullable HealthCheck healthCheck(dev.skep.v1.ServiceSpec spec) {
    dev.skep.v1.HealthCheck check = spec.getHealthCheck();
    int first = spec.getPortsCount() == 0 ? 0 : spec.getPorts(0).getContainerPort();
    Optional<HealthCheck.Kind> kind =
        switch (check.getKindCase()) {
          case HTTP ->
              Optional.of(
                  new HealthCheck.Http(
                      check.getHttp().getPath(), or(check.getHttp().getPort(), first)));
          case TCP -> Optional.of(new HealthCheck.Tcp(or(check.getTcp().getPort(), first)));
          case COMMAND -> Optional.of(new HealthCheck.Command(check.getCommand().getArgvList()));
          case KIND_NOT_SET -> Optional.empty();
        };
    return kind.map(
            k ->
                new HealthCheck(
                    k,
                    check.hasInterval()
                        ? duration(check.getInterval())
                        : HealthCheck.DEFAULT_INTERVAL,
                    check.hasTimeout() ? duration(check.getTimeout()) : HealthCheck.DEFAULT_TIMEOUT,
                    or(check.getRetries(), HealthCheck.DEFAULT_RETRIES),
                    check.hasStartPeriod()
                        ? duration(check.getStartPeriod())
                        : HealthCheck.DEFAULT_START_PERIOD))
        .orElse(null);
  }

  static dev.skep.v1.ServiceSpec toProto(ServiceSpec spec, int replicas, ServicePolicy policy) {
    dev.skep.v1.ServiceSpec.Builder proto =
        dev.skep.v1.ServiceSpec.newBuilder()
            .setImage(spec.image())
            .addAllCommand(spec.command())
            .addAllArgs(spec.args())
            .putAllEnv(spec.env())
            .setReplicas(replicas)
            .setResources(
                dev.skep.v1.Resources.newBuilder()
                    .setCpuMillis(spec.resources().cpuMillis())
                    .setMemoryBytes(spec.resources().memoryBytes()))
            .putAllWorkerLabels(spec.workerLabels())
            .addAllConstraints(spec.constraints().stream().map(Constraint::toString).toList())
            .addAllTolerations(spec.tolerations().stream().sorted().toList());
    spec.ports().forEach(port -> proto.addPorts(port(port)));
    spec.volumes().forEach(v -> proto.addVolumesBuilder().setName(v.name()).setPath(v.path()));
    spec.secrets().forEach(use -> proto.addSecrets(SecretProtos.toProto(use)));
    HealthCheck check = spec.healthCheck();
    if (check != null) {
      proto.setHealthCheck(healthCheck(check));
    }
    PolicyProtos.addTo(proto, policy);
    return proto.build();
  }

  private static dev.skep.v1.Port port(Port port) {
    return dev.skep.v1.Port.newBuilder()
        .setContainerPort(port.containerPort())
        .setHostPort(port.hostPort())
        .setExposure(port.onHost() ? Exposure.EXPOSURE_HOST : Exposure.EXPOSURE_INTERNAL)
        .setProtocol(port.udp() ? Protocol.PROTOCOL_UDP : Protocol.PROTOCOL_TCP)
        .build();
  }

  private static dev.skep.v1.HealthCheck healthCheck(HealthCheck check) {
    dev.skep.v1.HealthCheck.Builder proto =
        dev.skep.v1.HealthCheck.newBuilder()
            .setInterval(duration(check.interval()))
            .setTimeout(duration(check.timeout()))
            .setRetries(check.retries())
            .setStartPeriod(duration(check.startPeriod()));
    switch (check.kind()) {
      case HealthCheck.Http(String path, int port) ->
          proto.setHttp(HttpCheck.newBuilder().setPath(path).setPort(port));
      case HealthCheck.Tcp(int port) -> proto.setTcp(TcpCheck.newBuilder().setPort(port));
      case HealthCheck.Command(List<String> argv) ->
          proto.setCommand(CommandCheck.newBuilder().addAllArgv(argv));
    }
    return proto.build();
  }

  private static int or(int value, int fallback) {
    return value == 0 ? fallback : value;
  }

  static java.time.Duration duration(Duration duration) {
    return java.time.Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
  }

  static Duration duration(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }
}
