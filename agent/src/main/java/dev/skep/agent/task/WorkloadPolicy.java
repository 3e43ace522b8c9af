package dev.skep.agent.task;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * What no workload may be, whatever the control plane says: the last line between a compromised
 * control plane and the root of this machine. Every rule gives the sentence of its violation.
 */
public final class WorkloadPolicy {
  /** Beyond what every container has; those that give no way out of a container. */
  private static final Set<String> ALLOWED_CAPABILITIES =
      Set.copyOf(RenderService.DEFAULT_CAPABILITIES);

  private static final long MIN_MEMORY = 4L << 20;
  private static final long MAX_MEMORY = 4L << 40;
  private static final long MAX_CPU_MILLIS = 1_024_000;
  private static final long MAX_REPLICAS = 1_000;
  private static final int MAX_ENV_BYTES = 32 << 10;
  private static final int MAX_ARGUMENT_BYTES = 32 << 10;
  private static final Duration MAX_STOP_GRACE = Duration.ofSeconds(60);
  private static final Duration MAX_PROBE_TIME = Duration.ofHours(1);

  private static final Pattern IMAGE_ID = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern IMAGE_DIGEST =
      Pattern.compile("[a-z0-9][A-Za-z0-9._:/-]{0,255}@sha256:[0-9a-f]{64}");
  private static final Pattern ENV_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,255}");
  private static final Pattern OBJECT_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final Pattern VOLUME_NAME = Pattern.compile("skep-[0-9a-z]{1,40}");
  private static final Pattern VOLUME_TARGET = Pattern.compile("(/[A-Za-z0-9._@%+=:~-]+){1,64}");
  private static final Set<String> SYSTEM_PATHS =
      Set.of("/proc", "/sys", "/dev", "/run/secrets", "/var/run/secrets", "/.skep");
  private static final Pattern SECRET_NAME = Pattern.compile("skep-[a-z0-9-]{1,50}-v[0-9]{1,9}");
  private static final String SECRETS_HOME = "/run/secrets/";
  private static final int MAX_SECRET_BYTES = 500 << 10;
  private static final int MAX_SECRETS = 50;
  private static final long MAX_ACCOUNT = 65_535;
  private static final Pattern HTTP_PATH = Pattern.compile("/[!-~]{0,1023}");

  /** One rule; pure. */
  private record Rule(String name, Function<Desired.Placement, Optional<String>> check) {}

  private static final List<Rule> RULES =
      List.of(
          rule("privileged", p -> p.workload().privileged(), "privileged containers are refused"),
          new Rule("mounts", WorkloadPolicy::mounts),
          new Rule("secrets", WorkloadPolicy::secrets),
          new Rule("capabilities", WorkloadPolicy::capabilities),
          rule(
              "image",
              p ->
                  !IMAGE_DIGEST.matcher(p.workload().image()).matches()
                      && !IMAGE_ID.matcher(p.workload().image()).matches(),
              "the image must be name@sha256:… or sha256:…"),
          rule(
              "replicas",
              p -> p.replicas() < 0 || p.replicas() > MAX_REPLICAS,
              "replicas must be 0 to " + MAX_REPLICAS),
          rule(
              "cpu",
              p -> p.workload().cpuMillis() < 1 || p.workload().cpuMillis() > MAX_CPU_MILLIS,
              "cpu must be 1 to " + MAX_CPU_MILLIS + " thousandths of a core"),
          rule(
              "memory",
              p ->
                  p.workload().memoryBytes() < MIN_MEMORY
                      || p.workload().memoryBytes() > MAX_MEMORY,
              "memory must be 4 MiB to 4 TiB"),
          rule(
              "names",
              p ->
                  !OBJECT_NAME.matcher(p.objectName()).matches()
                      || !OBJECT_NAME.matcher(p.serviceName()).matches()
                      || p.networkObjectName().isEmpty()
                      || !ID.matcher(p.nodeId()).matches()
                      || !ID.matcher(p.placementId()).matches(),
              "names and ids must be plain: a-z, 0-9 and -"),
          rule(
              "endpoint_mode",
              p -> !p.endpointMode().equals("dnsrr") && !p.endpointMode().equals("vip"),
              "endpoint_mode must be dnsrr or vip"),
          new Rule("environment", WorkloadPolicy::environment),
          new Rule("arguments", WorkloadPolicy::arguments),
          new Rule("ports", WorkloadPolicy::ports),
          rule(
              "stop_grace_period",
              p -> !within(p.workload().stopGracePeriod(), MAX_STOP_GRACE),
              "stop_grace_period must be 0 to 60 s"),
          new Rule("probe", WorkloadPolicy::probe));

  private WorkloadPolicy() {}

  /** The first broken rule as a sentence; empty when the placement is allowed. */
  public static Optional<String> violation(Desired.Placement placement) {
    return RULES.stream().flatMap(r -> r.check().apply(placement).stream()).findFirst();
  }

  /** Names of all rules, for the test that wants a fixture for each. */
  static List<String> ruleNames() {
    return RULES.stream().map(Rule::name).toList();
  }

  static List<String> brokenRules(Desired.Placement placement) {
    return RULES.stream()
        .filter(r -> r.check().apply(placement).isPresent())
        .map(Rule::name)
        .toList();
  }

  /** Whether a volume may be one of ours. */
  static boolean isVolumeName(String name) {
    return VOLUME_NAME.matcher(name).matches();
  }

  /** NET_ADMIN, net_admin and CAP_NET_ADMIN are one. */
  static String canonicalCapability(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith("CAP_") ? upper : "CAP_" + upper;
  }

  private static Rule rule(
      String name, java.util.function.Predicate<Desired.Placement> broken, String sentence) {
    return new Rule(name, p -> broken.test(p) ? Optional.of(sentence) : Optional.empty());
  }

  private static Optional<String> capabilities(Desired.Placement p) {
    return p.workload().capabilities().stream()
        .map(WorkloadPolicy::canonicalCapability)
        .filter(c -> !ALLOWED_CAPABILITIES.contains(c))
        .findFirst()
        .map(c -> "capability " + printable(c) + " is refused");
  }

  /** Only local volumes that Skep named, and never over what belongs to the engine or to us. */
  private static Optional<String> mounts(Desired.Placement p) {
    var targets = new HashSet<String>();
    for (var mount : p.workload().mounts()) {
      if (!mount.type().equals("volume") || !VOLUME_NAME.matcher(mount.source()).matches()) {
        return Optional.of(
            "a mount of type "
                + printable(mount.type())
                + " is refused: only volumes named skep-<id>, no bind mounts, driver options or"
                + " sockets");
      }
      if (!mayHoldVolume(mount.target()) || !targets.add(mount.target())) {
        return Optional.of("a volume at " + printable(mount.target()) + " is refused");
      }
      if (!ID.matcher(mount.volumeId()).matches()) {
        return Optional.of("a volume has a plain id");
      }
    }
    if (!p.workload().mounts().isEmpty() && (p.replicas() > 1 || !p.stopFirst())) {
      return Optional.of("a volume has one writer: one replica that stops before the next starts");
    }
    return Optional.empty();
  }

  /** Why a Swarm secret may not be made; empty when it may. */
  static Optional<String> violation(Desired.Secret secret) {
    if (!SECRET_NAME.matcher(secret.objectName()).matches()
        || !ID.matcher(secret.secretId()).matches()
        || !ID.matcher(secret.organizationId()).matches()) {
      return Optional.of("a secret is named skep-<name>-v<number>, and its ids are plain");
    }
    return secret.value().size() > MAX_SECRET_BYTES
        ? Optional.of("a secret has at most " + MAX_SECRET_BYTES + " bytes")
        : Optional.empty();
  }

  private static Optional<String> secrets(Desired.Placement p) {
    var targets = new HashSet<String>();
    p.workload().mounts().forEach(m -> targets.add(m.target()));
    for (var file : p.workload().secretFiles()) {
      if (!SECRET_NAME.matcher(file.objectName()).matches()) {
        return Optional.of(
            "a secret named "
                + printable(file.objectName())
                + " is refused: only skep-<name>-v<n>");
      }
      boolean home = file.path().startsWith(SECRETS_HOME) && normalized(file.path());
      if ((!home && !mayHoldVolume(file.path())) || !targets.add(file.path())) {
        return Optional.of("a secret at " + printable(file.path()) + " is refused");
      }
      if (file.mode() < 1
          || file.mode() > 0777
          || file.uid() > MAX_ACCOUNT
          || file.gid() > MAX_ACCOUNT) {
        return Optional.of("a secret's mode must be 1 to 0777, its uid and gid 0 to 65535");
      }
    }
    return p.workload().secretFiles().size() > MAX_SECRETS
        ? Optional.of("at most " + MAX_SECRETS + " secrets are allowed")
        : Optional.empty();
  }

  private static boolean normalized(String target) {
    return VOLUME_TARGET.matcher(target).matches()
        && !(target + "/").contains("/../")
        && !(target + "/").contains("/./");
  }

  private static boolean mayHoldVolume(String target) {
    return normalized(target)
        && SYSTEM_PATHS.stream()
            .noneMatch(
                s -> target.equals(s) || target.startsWith(s + "/") || s.startsWith(target + "/"));
  }

  /** Names only: a value is the tenant's secret. */
  private static Optional<String> environment(Desired.Placement p) {
    int bytes = 0;
    for (var entry : p.workload().env().entrySet()) {
      if (!ENV_NAME.matcher(entry.getKey()).matches()) {
        return Optional.of("environment name " + printable(entry.getKey()) + " is not a name");
      }
      if (entry.getValue().indexOf('\0') >= 0) {
        return Optional.of("environment value of " + entry.getKey() + " has a NUL");
      }
      bytes += utf8(entry.getKey()) + utf8(entry.getValue());
    }
    return bytes > MAX_ENV_BYTES
        ? Optional.of("the environment has " + bytes + " bytes, more than " + MAX_ENV_BYTES)
        : Optional.empty();
  }

  private static Optional<String> arguments(Desired.Placement p) {
    int bytes = 0;
    for (var list : List.of(p.workload().command(), p.workload().args())) {
      for (String word : list) {
        if (word.indexOf('\0') >= 0) {
          return Optional.of("command and args must not have a NUL");
        }
        bytes += utf8(word);
      }
    }
    return bytes > MAX_ARGUMENT_BYTES
        ? Optional.of("command and args have " + bytes + " bytes, more than " + MAX_ARGUMENT_BYTES)
        : Optional.empty();
  }

  private static Optional<String> ports(Desired.Placement p) {
    for (var port : p.workload().ports()) {
      boolean sane = isPort(port.containerPort()) && isPort(port.hostPort());
      if (!sane || !(port.protocol().equals("tcp") || port.protocol().equals("udp"))) {
        return Optional.of(
            "port " + port.hostPort() + ":" + port.containerPort() + " is not a tcp or udp port");
      }
      if (SYSTEM_PORTS.contains(port.hostPort())) {
        return Optional.of("host port " + port.hostPort() + " belongs to the system");
      }
    }
    return Optional.empty();
  }

  /** SSH, the engine and the Swarm itself. */
  private static final Set<Long> SYSTEM_PORTS = Set.of(22L, 2375L, 2376L, 2377L, 4789L, 7946L);

  private static Optional<String> probe(Desired.Placement p) {
    return p.workload().probe().flatMap(WorkloadPolicy::probe);
  }

  private static Optional<String> probe(Workload.Probe probe) {
    // Docker refuses a check below one millisecond, and reads zero as "not set".
    boolean times =
        within(probe.interval(), MAX_PROBE_TIME)
            && probe.interval().toMillis() > 0
            && within(probe.timeout(), MAX_PROBE_TIME)
            && probe.timeout().toMillis() > 0
            && within(probe.startPeriod(), MAX_PROBE_TIME)
            && probe.retries() >= 1
            && probe.retries() <= 100;
    boolean target =
        switch (probe.check()) {
          case Workload.Check.Http h -> isPort(h.port()) && HTTP_PATH.matcher(h.path()).matches();
          case Workload.Check.Tcp t -> isPort(t.port());
          case Workload.Check.Command c -> !c.argv().isEmpty() && c.argv().size() <= 64;
        };
    return times && target
        ? Optional.empty()
        : Optional.of("the probe needs a port and a path or a command, and times of 1 ms to 1 h");
  }

  private static boolean isPort(long port) {
    return port >= 1 && port <= 65_535;
  }

  private static boolean within(Duration d, Duration max) {
    return !d.isNegative() && d.compareTo(max) <= 0;
  }

  private static int utf8(String s) {
    return s.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
  }

  private static String printable(String s) {
    String cut = s.length() > 64 ? s.substring(0, 64) : s;
    return "\"" + cut.replaceAll("[^ -~]", "?") + "\"";
  }
}
