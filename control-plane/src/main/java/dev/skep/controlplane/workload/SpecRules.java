package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.FieldViolation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a name and a spec must look like; every rule that is broken is named, not only the first.
 */
public final class SpecRules {
  public static final int MAX_REPLICAS = 1000;
  static final int MAX_ENV = 200;
  public static final int MAX_ENV_BYTES = 32 << 10;
  static final int MAX_PORTS = 50;
  static final int MAX_TOLERATIONS = 50;
  static final int MAX_CONSTRAINTS = 50;
  static final int MAX_ARGUMENTS = 100;
  static final int MAX_ARGUMENT_BYTES = 16 << 10;
  static final long MIN_MEMORY = 6L << 20;
  static final long MAX_MEMORY = 4L << 40;
  static final long MIN_CPU = 10;
  static final long MAX_CPU = 512_000;

  private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,38}[a-z0-9])?");
  private static final Pattern ENV_KEY = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,254}");
  private static final Pattern LABEL_KEY = Pattern.compile("[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?");

  private final List<FieldViolation> violations = new ArrayList<>();

  private SpecRules() {}

  /** Breaches of the rule for names. */
  public static List<FieldViolation> name(String name) {
    var rules = new SpecRules();
    if (!NAME.matcher(name).matches()) {
      rules.add(
          "name",
          quoted(name)
              + " is not a valid name; use 1 to 40 lower-case letters, digits and hyphens, starting"
              + " with a letter and not ending with a hyphen");
    }
    return rules.violations;
  }

  /** Breaches of the rule for replicas; {@code field} is the path as the client wrote it. */
  public static List<FieldViolation> replicas(String field, int replicas) {
    var rules = new SpecRules();
    if (replicas < 1 || replicas > MAX_REPLICAS) {
      rules.add(
          field,
          replicas
              + " is out of range; use 1 to "
              + MAX_REPLICAS
              + (replicas == 0 ? ", or stop the service to run none" : ""));
    }
    return rules.violations;
  }

  /** Breaches of the rules for constraints as a user wrote them. */
  public static List<FieldViolation> constraints(List<String> constraints) {
    var rules = new SpecRules();
    if (constraints.size() > MAX_CONSTRAINTS) {
      rules.add(
          "spec.constraints", "has " + constraints.size() + " entries; at most " + MAX_CONSTRAINTS);
    }
    for (int i = 0; i < constraints.size(); i++) {
      String text = constraints.get(i);
      if (Constraint.parse(text).isEmpty()) {
        rules.add(
            "spec.constraints[" + i + "]",
            quoted(text) + " is not a constraint; " + Constraint.expected(text));
      }
    }
    return rules.violations;
  }

  /** Breaches of the rules for everything else. */
  public static List<FieldViolation> spec(ServiceSpec spec) {
    var rules = new SpecRules();
    rules.image(spec.image());
    rules.arguments("spec.command", spec.command());
    rules.arguments("spec.args", spec.args());
    rules.env(spec);
    rules.resources(spec);
    rules.ports(spec.ports());
    rules.healthCheck(spec);
    rules.workerLabels(spec);
    rules.tolerations(spec);
    rules.violations.addAll(VolumeRules.volumes(spec.volumes()));
    rules.violations.addAll(SecretRules.uses(spec));
    return rules.violations;
  }

  private void image(String image) {
    if (image.isBlank()) {
      add("spec.image", "is missing; name an image, for example nginx:1.27");
    } else if (ImageReference.parse(image).isEmpty()) {
      add(
          "spec.image",
          quoted(image) + " is not an image reference; use [registry/]name[:tag][@sha256:digest]");
    }
  }

  private void arguments(String field, List<String> arguments) {
    if (arguments.size() > MAX_ARGUMENTS) {
      add(field, "has " + arguments.size() + " entries; at most " + MAX_ARGUMENTS + " are allowed");
    }
    int bytes = arguments.stream().mapToInt(SpecRules::bytes).sum();
    if (bytes > MAX_ARGUMENT_BYTES) {
      add(field, "has " + bytes + " bytes; at most " + MAX_ARGUMENT_BYTES + " are allowed");
    }
    if (arguments.stream().anyMatch(SpecRules::hasNul)) {
      add(field, "contains a NUL character");
    }
  }

  private void env(ServiceSpec spec) {
    if (spec.env().size() > MAX_ENV) {
      add("spec.env", "has " + spec.env().size() + " variables; at most " + MAX_ENV);
    }
    int bytes =
        spec.env().entrySet().stream().mapToInt(e -> bytes(e.getKey()) + bytes(e.getValue())).sum();
    if (bytes > MAX_ENV_BYTES) {
      add("spec.env", "has " + bytes + " bytes; at most " + MAX_ENV_BYTES + " are allowed");
    }
    spec.env()
        .forEach(
            (key, value) -> {
              if (!ENV_KEY.matcher(key).matches()) {
                add(
                    "spec.env",
                    quoted(key) + " is not a variable name; use letters, digits, _ . -");
              } else if (hasNul(value)) {
                add("spec.env[" + key + "]", "contains a NUL character");
              }
            });
  }

  private void resources(ServiceSpec spec) {
    long cpu = spec.resources().cpuMillis();
    if (cpu < MIN_CPU || cpu > MAX_CPU) {
      add(
          "spec.resources.cpu_millis",
          outOfRange(cpu, MIN_CPU, MAX_CPU) + " thousandths of a core");
    }
    long memory = spec.resources().memoryBytes();
    if (memory < MIN_MEMORY || memory > MAX_MEMORY) {
      add("spec.resources.memory_bytes", outOfRange(memory, MIN_MEMORY, MAX_MEMORY) + " bytes");
    }
  }

  private void ports(List<Port> ports) {
    if (ports.size() > MAX_PORTS) {
      add("spec.ports", "has " + ports.size() + " ports; at most " + MAX_PORTS + " are allowed");
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < ports.size(); i++) {
      Port port = ports.get(i);
      String field = "spec.ports[" + i + "]";
      portNumber(field + ".container_port", port.containerPort(), 1);
      if (port.onHost()) {
        portNumber(field + ".host_port", port.hostPort(), 1024);
      }
      String protocol = port.udp() ? "/udp" : "/tcp";
      if (!seen.add("c" + port.containerPort() + protocol)) {
        add(field + ".container_port", port.containerPort() + protocol + " is listed twice");
      }
      if (port.onHost() && !seen.add("h" + port.hostPort() + protocol)) {
        add(field + ".host_port", port.hostPort() + protocol + " is listed twice");
      }
    }
  }

  private void portNumber(String field, int port, int min) {
    if (port < min || port > 65_535) {
      add(field, outOfRange(port, min, 65_535));
    }
  }

  private void healthCheck(ServiceSpec spec) {
    HealthCheck check = spec.healthCheck();
    if (check == null) {
      return;
    }
    switch (check.kind()) {
      case HealthCheck.Http(String path, int port) -> {
        if (!path.startsWith("/") || path.length() > 1024 || !printable(path)) {
          add("spec.health_check.http.path", quoted(path) + " is not an absolute path");
        }
        portNumber("spec.health_check.http.port", port, 1);
      }
      case HealthCheck.Tcp(int port) -> portNumber("spec.health_check.tcp.port", port, 1);
      case HealthCheck.Command(List<String> argv) -> {
        if (argv.isEmpty()) {
          add("spec.health_check.command.argv", "is empty; give the program and its arguments");
        }
        arguments("spec.health_check.command.argv", argv);
      }
    }
    duration("interval", check.interval(), Duration.ofSeconds(1), Duration.ofMinutes(5));
    duration("timeout", check.timeout(), Duration.ofSeconds(1), Duration.ofMinutes(1));
    duration("start_period", check.startPeriod(), Duration.ZERO, Duration.ofMinutes(30));
    if (check.retries() < 1 || check.retries() > 20) {
      add("spec.health_check.retries", outOfRange(check.retries(), 1, 20));
    }
  }

  private void duration(String field, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      add(
          "spec.health_check." + field,
          value.toMillis() / 1000.0
              + " s is out of range; use "
              + min.toSeconds()
              + " to "
              + max.toSeconds()
              + " s");
    }
  }

  private void workerLabels(ServiceSpec spec) {
    spec.workerLabels()
        .forEach(
            (key, value) -> {
              if (!LABEL_KEY.matcher(key).matches() || value.length() > 63 || !printable(value)) {
                add("spec.worker_labels", quoted(key) + " is not a label; use a-z 0-9 . _ / -");
              }
            });
  }

  private void tolerations(ServiceSpec spec) {
    if (spec.tolerations().size() > MAX_TOLERATIONS) {
      add(
          "spec.tolerations",
          "has " + spec.tolerations().size() + " entries; at most " + MAX_TOLERATIONS);
    }
    spec.tolerations().stream()
        .filter(word -> !LABEL_KEY.matcher(word).matches())
        .sorted()
        .forEach(
            word -> add("spec.tolerations", quoted(word) + " is not a taint; use a-z 0-9 . _ / -"));
  }

  private void add(String field, String description) {
    violations.add(new FieldViolation(field, description));
  }

  private static String outOfRange(long value, long min, long max) {
    return value + " is out of range; use " + min + " to " + max;
  }

  /** Shows what the user wrote without letting it flood or break a terminal. */
  static String quoted(String value) {
    String shown = value.length() > 60 ? value.substring(0, 57) + "..." : value;
    return "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"";
  }

  static boolean isVariable(String name) {
    return ENV_KEY.matcher(name).matches();
  }

  private static boolean printable(String value) {
    return value.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  private static boolean hasNul(String value) {
    return value.indexOf('\0') >= 0;
  }

  public static int bytes(String value) {
    return value.getBytes(StandardCharsets.UTF_8).length;
  }
}
