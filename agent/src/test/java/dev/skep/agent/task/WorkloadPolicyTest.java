package dev.skep.agent.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WorkloadPolicyTest {
  /** One that passes and one that fails, for one rule. */
  record Fixture(String rule, Desired.Placement passes, Desired.Placement fails) {
    @Override
    public String toString() {
      return rule + " " + fails.hashCode();
    }
  }

  private static Fixture fixture(
      String rule, UnaryOperator<WorkloadBuilder> passes, UnaryOperator<WorkloadBuilder> fails) {
    return new Fixture(
        rule,
        passes.apply(new WorkloadBuilder()).placement(),
        fails.apply(new WorkloadBuilder()).placement());
  }

  static Stream<Fixture> fixtures() {
    return Stream.of(
        fixture("privileged", b -> b, b -> b.privileged()),
        fixture("mounts", b -> b, b -> b.mount("bind", "/var/run/docker.sock", "/s")),
        fixture("mounts", b -> b, b -> b.mount("bind", "/", "/host")),
        fixture("mounts", b -> b, b -> b.mount("volume", "v", "/data")),
        fixture(
            "mounts",
            b -> b.mount("volume", "skep-3k9x", "/var/lib/db"),
            b -> b.mount("volume", "skep-3k9x", "/run/secrets/db")),
        fixture("mounts", b -> b, b -> b.mount("volume", "skep-3k9x", "/data/../proc")),
        fixture("mounts", b -> b, b -> b.mount("volume", "skep-3k9x", "/")),
        fixture("mounts", b -> b, b -> b.mount("volume", "skep-3k9x", "/run")),
        fixture("mounts", b -> b, b -> b.mount("volume", "skep-3k9x,volume-opt=o=bind", "/d")),
        fixture("mounts", b -> b, b -> b.mount("tmpfs", "", "/d")),
        fixture("mounts", b -> b, b -> b.mount("volume", "skep-3k9x", "/d").replicas(2)),
        fixture(
            "secrets",
            b -> b.secret("skep-db-3k9x-v1", "/run/secrets/db", 0444),
            b -> b.secret("other", "/run/secrets/db", 0444)),
        fixture(
            "secrets",
            b -> b.secret("skep-db-3k9x-v1", "/etc/tls/key", 0400),
            b -> b.secret("skep-db-3k9x-v1", "/proc/1/environ", 0400)),
        fixture("secrets", b -> b, b -> b.secret("skep-db-v1", "/run/secrets/../../etc/x", 0400)),
        fixture("secrets", b -> b, b -> b.secret("skep-db-v1", "/etc/x", 04755)),
        fixture(
            "secrets",
            b -> b,
            b -> b.secret("skep-db-v1", "/a", 0400).secret("skep-db-v2", "/a", 0400)),
        fixture("capabilities", b -> b.capability("chown"), b -> b.capability("SYS_ADMIN")),
        fixture("capabilities", b -> b.capability("CAP_KILL"), b -> b.capability("cap_net_admin")),
        fixture("capabilities", b -> b.capability("setuid"), b -> b.capability("ALL")),
        fixture(
            "image",
            b -> b.image("registry.example:5000/a/b@sha256:" + "0".repeat(64)),
            b -> b.image("registry.example:5000/a/b:latest")),
        fixture("image", b -> b, b -> b.image("sha256:abc")),
        fixture("replicas", b -> b.replicas(0), b -> b.replicas(1_001)),
        fixture("cpu", b -> b.cpu(1), b -> b.cpu(0)),
        fixture("memory", b -> b.memory(4 << 20), b -> b.memory(0)),
        fixture("names", b -> b, b -> b.node("n1 && node.role==manager")),
        fixture("endpoint_mode", b -> b.endpoint("vip"), b -> b.endpoint("host")),
        fixture("environment", b -> b.env("A_1", "{{"), b -> b.env("A=B", "1")),
        fixture("environment", b -> b.env("a.b-c", ""), b -> b.env("A", "x".repeat(33_000))),
        fixture("environment", b -> b.env("A", "line\nline"), b -> b.env("A", "a\0b")),
        fixture("arguments", b -> b.arg("$(id); `x`"), b -> b.arg("a\0b")),
        fixture("ports", b -> b.port(80, 8080, "tcp"), b -> b.port(80, 2377, "tcp")),
        fixture("ports", b -> b.port(53, 53, "udp"), b -> b.port(80, 65_536, "tcp")),
        fixture("ports", b -> b.port(1, 65_535, "udp"), b -> b.port(80, 80, "sctp")),
        fixture(
            "stop_grace_period",
            b -> b.grace(Duration.ofSeconds(60)),
            b -> b.grace(Duration.ofSeconds(61))),
        fixture(
            "probe",
            b -> b.probe(new Workload.Check.Http(80, "/a?b=c")),
            b -> b.probe(new Workload.Check.Http(80, "@169.254.169.254/"))),
        fixture(
            "probe",
            b -> b.probe(new Workload.Check.Tcp(80)),
            b -> b.probe(new Workload.Check.Tcp(0))),
        fixture(
            "probe",
            b -> b.probe(new Workload.Check.Command(List.of("true"))),
            b -> b.probe(new Workload.Check.Command(List.of()))));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void ruleLetsOneThroughAndStopsTheOther(Fixture fixture) {
    assertThat(WorkloadPolicy.brokenRules(fixture.passes())).isEmpty();
    assertThat(WorkloadPolicy.brokenRules(fixture.fails())).containsExactly(fixture.rule());
    assertThat(WorkloadPolicy.violation(fixture.fails())).isPresent();
  }

  @Test
  void everyRuleHasAFixture() {
    assertThat(fixtures().map(Fixture::rule).distinct().toList())
        .containsExactlyInAnyOrderElementsOf(WorkloadPolicy.ruleNames());
  }

  @Test
  void violationNeverQuotesAValueOfTheEnvironment() {
    var placement = new WorkloadBuilder().env("A", "hunter2\0").placement();
    assertThat(WorkloadPolicy.violation(placement))
        .hasValueSatisfying(m -> assertThat(m).doesNotContain("hunter2"));
    assertThat(placement.toString()).doesNotContain("hunter2");
  }

  /** A workload with one thing changed. */
  private static final class WorkloadBuilder {
    private String image = Samples.workload().image();
    private long cpu = 250;
    private long memory = 64L << 20;
    private Duration grace = Duration.ofSeconds(10);
    private String node = "n1";
    private String endpoint = "dnsrr";
    private long replicas = 1;
    private boolean privileged;
    private List<String> args = List.of();
    private Map<String, String> env = Map.of();
    private List<Workload.Port> ports = List.of();
    private List<Workload.Mount> mounts = List.of();
    private List<String> capabilities = List.of();
    private List<Workload.SecretFile> secrets = List.of();
    private Optional<Workload.Probe> probe = Optional.empty();

    Desired.Placement placement() {
      return new Desired.Placement(
          "placement/p1",
          1,
          "p1",
          "o1",
          "s1",
          "api",
          "r1",
          "skep-s1-w1",
          node,
          replicas,
          "skep-o1",
          endpoint,
          0,
          true,
          0,
          new Workload(
              image,
              List.of(),
              args,
              env,
              cpu,
              memory,
              ports,
              probe,
              grace,
              mounts,
              capabilities,
              privileged,
              secrets,
              List.of()));
    }

    WorkloadBuilder secret(String object, String path, long mode) {
      var all = new ArrayList<>(secrets);
      all.add(new Workload.SecretFile(object, path, mode, 0, 0));
      secrets = all;
      return this;
    }

    WorkloadBuilder image(String now) {
      image = now;
      return this;
    }

    WorkloadBuilder cpu(long now) {
      cpu = now;
      return this;
    }

    WorkloadBuilder memory(long now) {
      memory = now;
      return this;
    }

    WorkloadBuilder grace(Duration now) {
      grace = now;
      return this;
    }

    WorkloadBuilder node(String now) {
      node = now;
      return this;
    }

    WorkloadBuilder endpoint(String now) {
      endpoint = now;
      return this;
    }

    WorkloadBuilder replicas(long now) {
      replicas = now;
      return this;
    }

    WorkloadBuilder privileged() {
      privileged = true;
      return this;
    }

    WorkloadBuilder arg(String now) {
      args = List.of(now);
      return this;
    }

    WorkloadBuilder env(String name, String value) {
      env = Map.of(name, value);
      return this;
    }

    WorkloadBuilder capability(String name) {
      capabilities = List.of(name);
      return this;
    }

    WorkloadBuilder mount(String type, String source, String target) {
      mounts = List.of(new Workload.Mount(type, source, target, "v1"));
      return this;
    }

    WorkloadBuilder port(long container, long host, String protocol) {
      ports = List.of(new Workload.Port(container, host, protocol));
      return this;
    }

    WorkloadBuilder probe(Workload.Check check) {
      probe =
          Optional.of(
              new Workload.Probe(
                  check, Duration.ofSeconds(1), Duration.ofSeconds(1), 3, Duration.ZERO));
      return this;
    }
  }
}
