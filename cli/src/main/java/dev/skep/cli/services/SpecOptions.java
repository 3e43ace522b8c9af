package dev.skep.cli.services;

import dev.skep.cli.parse.Cpu;
import dev.skep.cli.parse.KeyValues;
import dev.skep.cli.parse.Memory;
import dev.skep.cli.parse.Ports;
import dev.skep.cli.parse.SecretUses;
import dev.skep.cli.parse.Volumes;
import dev.skep.cli.parse.Words;
import dev.skep.v1.ServiceSpec;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a user may say about a service; applied on top of the spec that is already there. */
final class SpecOptions {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name; also its host name.")
  String service = "";

  @Option(names = "--image", paramLabel = "REF", description = "Image: registry/name:tag.")
  @Nullable String image;

  @Option(names = "--replicas", paramLabel = "N", description = "Copies to keep running.")
  @Nullable Integer replicas;

  @Option(
      names = {"--env", "-e"},
      paramLabel = "K=V",
      description = "Variable; K alone takes the value from your environment.")
  List<String> env = List.of();

  @Option(
      names = "--env-file",
      paramLabel = "FILE",
      description = "File of K=V lines; --env beats it.")
  List<Path> envFiles = List.of();

  @Option(names = "--cpu", paramLabel = "CORES", description = "Cores per replica: 0.5.")
  @Nullable String cpu;

  @Option(names = "--memory", paramLabel = "SIZE", description = "Memory per replica: 256MiB.")
  @Nullable String memory;

  @Option(
      names = {"--port", "-p"},
      paramLabel = "PORT",
      description = "8080, 8080:host=8088 or 53/udp; replaces all ports.")
  List<String> ports = List.of();

  @Option(
      names = "--volume",
      paramLabel = "NAME:/PATH",
      description = "Data that is kept; replaces all, '' for none. Needs one replica.")
  List<String> volumes = List.of();

  @Option(
      names = "--secret",
      paramLabel = "USE",
      description = "NAME, NAME:env=VAR or NAME:file=/path; replaces all, '' for none.")
  List<String> secrets = List.of();

  @Option(
      names = "--worker-label",
      paramLabel = "K=V",
      description = "Only workers with this label; replaces all of them.")
  List<String> workerLabels = List.of();

  @Option(
      names = "--constraint",
      paramLabel = "RULE",
      description = "'zone == a', 'disk != hdd', 'gpu in (a, b)'; replaces all, '' for none.")
  List<String> constraints = List.of();

  @Option(
      names = "--tolerate",
      paramLabel = "TAINT",
      description = "Taint that does not matter; replaces all of them.")
  List<String> tolerations = List.of();

  @Option(
      names = "--command",
      paramLabel = "WORDS",
      description = "Replaces the entrypoint; split as a shell does.")
  @Nullable String command;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "ARG",
      description = "Arguments of the command, after --.")
  List<String> args = List.of();

  @Mixin HealthOptions health = new HealthOptions();
  @Mixin PolicyOptions policy = new PolicyOptions();

  /** Writes what was said into the spec; answers the paths that it touched. */
  Set<String> applyTo(ServiceSpec.Builder spec, Map<String, String> environment) {
    var touched = new LinkedHashSet<String>();
    if (image != null) {
      spec.setImage(image);
      touched.add("image");
    }
    if (replicas != null) {
      spec.setReplicas(replicas);
      touched.add("replicas");
    }
    applyProcess(spec, touched);
    applyEnvironment(spec, touched, environment);
    applySecrets(spec, touched);
    applyResources(spec, touched);
    applyPlacement(spec, touched);
    health.applyTo(spec, touched);
    policy.applyTo(spec, touched);
    return touched;
  }

  private void applyProcess(ServiceSpec.Builder spec, Set<String> touched) {
    if (command != null) {
      spec.clearCommand().addAllCommand(Words.split(command));
      touched.add("command");
    }
    if (!args.isEmpty()) {
      spec.clearArgs().addAllArgs(args);
      touched.add("args");
    }
  }

  private void applyEnvironment(
      ServiceSpec.Builder spec, Set<String> touched, Map<String, String> environment) {
    envFiles.forEach(file -> spec.putAllEnv(KeyValues.readFile(file)));
    spec.putAllEnv(KeyValues.parse(env, environment));
    if (!env.isEmpty() || !envFiles.isEmpty()) {
      touched.add("env");
    }
  }

  private void applySecrets(ServiceSpec.Builder spec, Set<String> touched) {
    if (!secrets.isEmpty()) {
      spec.clearSecrets()
          .addAllSecrets(
              secrets.stream().filter(s -> !s.isBlank()).map(SecretUses::parse).toList());
      touched.add("secrets");
    }
  }

  private void applyResources(ServiceSpec.Builder spec, Set<String> touched) {
    if (cpu != null) {
      spec.getResourcesBuilder().setCpuMillis(Cpu.parseMillis(cpu));
      touched.add("resources");
    }
    if (memory != null) {
      spec.getResourcesBuilder().setMemoryBytes(Memory.parse(memory));
      touched.add("resources");
    }
  }

  private void applyPlacement(ServiceSpec.Builder spec, Set<String> touched) {
    if (!ports.isEmpty()) {
      spec.clearPorts().addAllPorts(ports.stream().map(Ports::parse).toList());
      touched.add("ports");
    }
    if (!volumes.isEmpty()) {
      spec.clearVolumes()
          .addAllVolumes(volumes.stream().filter(v -> !v.isBlank()).map(Volumes::parse).toList());
      touched.add("volumes");
    }
    if (!tolerations.isEmpty()) {
      spec.clearTolerations().addAllTolerations(tolerations);
      touched.add("tolerations");
    }
    if (!constraints.isEmpty()) {
      spec.clearConstraints()
          .addAllConstraints(constraints.stream().filter(c -> !c.isBlank()).toList());
      touched.add("constraints");
    }
    if (!workerLabels.isEmpty()) {
      spec.clearWorkerLabels().putAllWorkerLabels(KeyValues.parse(workerLabels));
      touched.add("worker_labels");
    }
  }
}
