package dev.skep.controlplane.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Resources;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule with the last value that passes and the first that does not. */
final class SpecRulesTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "api", "a-1", "a--b", "abcdefghijabcdefghijabcdefghijabcdefghij"})
  void aNameIsALabel(String name) {
    assertThat(SpecRules.name(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1a",
        "-a",
        "a-",
        "A",
        "a b",
        "a_b",
        "a.b",
        "ä",
        "a\n",
        "abcdefghijabcdefghijabcdefghijabcdefghijk"
      })
  void anythingElseIsNoName(String name) {
    assertThat(SpecRules.name(name))
        .singleElement()
        .satisfies(
            wrong -> {
              assertThat(wrong.field()).isEqualTo("name");
              assertThat(wrong.description()).contains("is not a valid name; use 1 to 40");
            });
  }

  @Test
  void replicasHaveARange() {
    assertThat(SpecRules.replicas("r", 1)).isEmpty();
    assertThat(SpecRules.replicas("r", 1000)).isEmpty();
    assertThat(SpecRules.replicas("r", 1001))
        .containsExactly(new FieldViolation("r", "1001 is out of range; use 1 to 1000"));
    assertThat(SpecRules.replicas("r", -1)).extracting(FieldViolation::field).containsExactly("r");
    assertThat(SpecRules.replicas("r", 0))
        .containsExactly(
            new FieldViolation(
                "r", "0 is out of range; use 1 to 1000, or stop the service to run none"));
  }

  @ParameterizedTest
  @MethodSource("rules")
  void aRuleTakesTheLastValueInsideAndNamesTheFieldOfTheFirstOutside(
      String field, UnaryOperator<Specs> inside, UnaryOperator<Specs> outside) {
    assertThat(SpecRules.spec(inside.apply(Specs.minimal()).build())).as("inside").isEmpty();
    assertThat(SpecRules.spec(outside.apply(Specs.minimal()).build()))
        .as("outside")
        .extracting(FieldViolation::field)
        .containsExactly(field);
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        rule("spec.image", s -> s.image("nginx:1"), s -> s.image("")),
        rule("spec.image", s -> s.image("ghcr.io/a/b"), s -> s.image("not an image")),
        rule("spec.command", s -> s.command(words(100)), s -> s.command(words(101))),
        rule("spec.command", s -> s.command(text(16 << 10)), s -> s.command(text(16385))),
        rule("spec.command", s -> s.command(List.of("a")), s -> s.command(List.of("a\0b"))),
        rule("spec.args", s -> s.args(words(100)), s -> s.args(words(101))),
        rule("spec.args", s -> s.args(text(16 << 10)), s -> s.args(text(16385))),
        rule("spec.env", s -> s.env(variables(200)), s -> s.env(variables(201))),
        rule(
            "spec.env",
            s -> s.env(Map.of("A", "x".repeat((32 << 10) - 1))),
            s -> s.env(Map.of("A", "x".repeat(32 << 10)))),
        rule("spec.env", s -> s.env(Map.of("_A.b-1", "")), s -> s.env(Map.of("1A", ""))),
        rule("spec.env", s -> s.env(Map.of("A", "=")), s -> s.env(Map.of("A=B", ""))),
        rule("spec.env[A]", s -> s.env(Map.of("A", "\n")), s -> s.env(Map.of("A", "\0"))),
        rule("spec.resources.cpu_millis", s -> s.cpu(10), s -> s.cpu(9)),
        rule("spec.resources.cpu_millis", s -> s.cpu(512_000), s -> s.cpu(512_001)),
        rule("spec.resources.memory_bytes", s -> s.memory(6 << 20), s -> s.memory((6 << 20) - 1)),
        rule("spec.resources.memory_bytes", s -> s.memory(4L << 40), s -> s.memory(-1)),
        rule("spec.ports", s -> s.ports(ports(50)), s -> s.ports(ports(51))),
        rule("spec.ports[0].container_port", s -> s.port(1, 0), s -> s.port(0, 0)),
        rule("spec.ports[0].container_port", s -> s.port(65_535, 0), s -> s.port(65_536, 0)),
        rule("spec.ports[0].host_port", s -> s.port(80, 1024), s -> s.port(80, 1023)),
        rule("spec.ports[0].host_port", s -> s.port(80, 65_535), s -> s.port(80, 65_536)),
        rule(
            "spec.ports[1].container_port",
            s -> s.ports(List.of(new Port(80, 0, false), new Port(80, 0, true))),
            s -> s.ports(List.of(new Port(80, 0, false), new Port(80, 0, false)))),
        rule(
            "spec.ports[1].host_port",
            s -> s.ports(List.of(new Port(80, 8080, false), new Port(81, 8080, true))),
            s -> s.ports(List.of(new Port(80, 8080, false), new Port(81, 8080, false)))),
        rule(
            "spec.health_check.http.path",
            s -> s.healthCheck(new HealthCheck.Http("/x?y=1", 80)),
            s -> s.healthCheck(new HealthCheck.Http("x", 80))),
        rule(
            "spec.health_check.http.path",
            s -> s.healthCheck(new HealthCheck.Http("/" + "a".repeat(1023), 80)),
            s -> s.healthCheck(new HealthCheck.Http("/" + "a".repeat(1024), 80))),
        rule(
            "spec.health_check.http.port",
            s -> s.healthCheck(new HealthCheck.Http("/", 1)),
            s -> s.healthCheck(new HealthCheck.Http("/", 0))),
        rule(
            "spec.health_check.tcp.port",
            s -> s.healthCheck(new HealthCheck.Tcp(65_535)),
            s -> s.healthCheck(new HealthCheck.Tcp(65_536))),
        rule(
            "spec.health_check.command.argv",
            s -> s.healthCheck(new HealthCheck.Command(List.of("true"))),
            s -> s.healthCheck(new HealthCheck.Command(List.of()))),
        rule("spec.health_check.interval", s -> s.interval(300_000), s -> s.interval(300_001)),
        rule("spec.health_check.interval", s -> s.interval(1000), s -> s.interval(999)),
        rule("spec.health_check.timeout", s -> s.timeout(60_000), s -> s.timeout(60_001)),
        rule("spec.health_check.start_period", s -> s.startPeriod(0), s -> s.startPeriod(-1)),
        rule("spec.health_check.retries", s -> s.retries(20), s -> s.retries(21)),
        rule("spec.health_check.retries", s -> s.retries(1), s -> s.retries(-1)),
        rule(
            "spec.worker_labels",
            s -> s.workerLabels(Map.of("zone/a", "x".repeat(63))),
            s -> s.workerLabels(Map.of("zone/a", "x".repeat(64)))),
        rule(
            "spec.worker_labels",
            s -> s.workerLabels(Map.of("a", "b")),
            s -> s.workerLabels(Map.of("A", "b"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "zone==eu-1 | zone == eu-1",
        "' disk  !=  hdd ' | disk != hdd",
        "gpu in(a100,h100) | gpu in (a100, h100)",
        "worker.name in (w1) | worker.name in (w1)",
        "example.com/rack == 7 | example.com/rack == 7"
      })
  void aConstraintIsReadAsItIsMeant(String text, String meant) {
    assertThat(SpecRules.constraints(List.of(text))).isEmpty();
    assertThat(Constraint.parse(text).map(Constraint::toString)).contains(meant);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "zone",
        "zone = a",
        "zone == ",
        "zone == a b",
        "gpu in ()",
        "gpu in a",
        "-x == a"
      })
  void whatIsNoConstraintIsToldWhatWouldBeOne(String text) {
    FieldViolation wrong = SpecRules.constraints(List.of("a == b", text)).getFirst();

    assertThat(wrong.field()).isEqualTo("spec.constraints[1]");
    assertThat(wrong.description())
        .contains("\"" + text + "\" is not a constraint; use KEY == VALUE");
  }

  @Test
  void ofAWorkerItselfOnlyThreeThingsAreKnown() {
    assertThat(SpecRules.constraints(List.of("worker.ip == a")).getFirst().description())
        .contains("use worker.name, worker.arch, worker.os or a label");
    assertThat(SpecRules.constraints(Collections.nCopies(51, "a == b")))
        .extracting(FieldViolation::field)
        .containsExactly("spec.constraints");
  }

  @Test
  void everyBrokenRuleIsNamedAtOnce() {
    ServiceSpec wrong =
        Specs.minimal().image("").cpu(1).memory(1).port(0, 80).args(List.of("\0")).build();

    assertThat(SpecRules.spec(wrong))
        .extracting(FieldViolation::field)
        .containsExactly(
            "spec.image",
            "spec.args",
            "spec.resources.cpu_millis",
            "spec.resources.memory_bytes",
            "spec.ports[0].container_port",
            "spec.ports[0].host_port");
  }

  @Test
  void aDescriptionShowsTheValueWithoutItsControlCharactersOrItsFullLength() {
    String description = SpecRules.name("\u001b[31m" + "x".repeat(500)).getFirst().description();

    assertThat(description).startsWith("\"?[31mxxx").contains("...\"").hasSizeLessThan(250);
  }

  @Test
  void aServiceWithoutACheckIsCheckedOnItsFirstTcpPort() {
    ServiceSpec spec =
        Specs.minimal()
            .ports(List.of(new Port(53, 0, true), new Port(80, 0, false), new Port(81, 0, false)))
            .build();

    assertThat(spec.effectiveHealthCheck().orElseThrow().kind()).isEqualTo(new HealthCheck.Tcp(80));
    assertThat(Specs.minimal().build().effectiveHealthCheck()).isEmpty();
  }

  @Test
  void patienceIsTheStartAndAllRetries() {
    HealthCheck check =
        new HealthCheck(
            new HealthCheck.Tcp(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(3),
            4,
            Duration.ofSeconds(20));

    assertThat(check.patience()).isEqualTo(Duration.ofSeconds(20 + 4 * 8));
  }

  @Test
  void resourcesAddUp() {
    Resources two = new Resources(2, 20);

    assertThat(two.plus(two).minus(new Resources(1, 5))).isEqualTo(new Resources(3, 35));
    assertThat(two.times(3)).isEqualTo(new Resources(6, 60));
  }

  private static Arguments rule(
      String field, UnaryOperator<Specs> inside, UnaryOperator<Specs> outside) {
    return arguments(field, inside, outside);
  }

  private static List<String> words(int count) {
    return Collections.nCopies(count, "x");
  }

  private static List<String> text(int bytes) {
    return List.of("ä", "x".repeat(bytes - 2));
  }

  private static Map<String, String> variables(int count) {
    return IntStream.range(0, count).boxed().collect(Collectors.toMap(i -> "V" + i, i -> ""));
  }

  private static List<Port> ports(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> new Port(i, 0, false)).toList();
  }
}
