package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.Exposure;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.UpdateServiceRequest;
import java.io.IOException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServicesTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Map<String, String> environment() {
    return Map.of(
        "SKEP_SERVER",
        "http://127.0.0.1:" + controlPlane.port(),
        "SKEP_TOKEN",
        "skp_t",
        "SECRET",
        "s3");
  }

  private Invocation run(String... args) {
    return Invocation.run(environment(), args);
  }

  private <T> T request(Class<T> type) {
    return controlPlane.requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void createSendsEveryFlagAndWaitsForItsOwnDeployment() {
    var result =
        run(
            ("services create web --image r/web:1 --replicas 2 --env A=b --env SECRET --cpu 0.5"
                    + " --memory 256MiB --port 8080:host=8088 --health-http /healthz:8080"
                    + " --health-interval 2s --worker-label zone=a -- --verbose")
                .split(" "));

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("event 2").doesNotContain("event 1");
    assertThat(result.out()).startsWith("web is running (1 of 1 replicas)");
    assertThat(controlPlane.authorizations).containsOnly("Bearer skp_t");
    var request = request(CreateServiceRequest.class);
    var spec = request.getSpec();
    assertThat(UUID.fromString(request.getRequestId()).version()).isEqualTo(4);
    assertThat(spec.getReplicas()).isEqualTo(2);
    assertThat(spec.getEnvMap()).containsOnly(Map.entry("A", "b"), Map.entry("SECRET", "s3"));
    assertThat(spec.getResources().getCpuMillis()).isEqualTo(500);
    assertThat(spec.getResources().getMemoryBytes()).isEqualTo(256L << 20);
    assertThat(spec.getPorts(0).getExposure()).isEqualTo(Exposure.EXPOSURE_HOST);
    assertThat(spec.getHealthCheck().getHttp().getPort()).isEqualTo(8080);
    assertThat(spec.getHealthCheck().getInterval().getSeconds()).isEqualTo(2);
    assertThat(spec.getWorkerLabelsMap()).containsOnly(Map.entry("zone", "a"));
    assertThat(spec.getArgsList()).containsExactly("--verbose");
  }

  @ParameterizedTest
  @CsvSource({
    "DEPLOYMENT_STATE_FAILED, failed",
    "DEPLOYMENT_STATE_ROLLED_BACK, the release before it is back",
    "DEPLOYMENT_STATE_CANCELLED, was cancelled",
    "DEPLOYMENT_STATE_SUPERSEDED, a newer deployment",
  })
  void deploymentThatDoesNotRunExitsWithFourAndItsReason(DeploymentState end, String how) {
    controlPlane.end = end;
    controlPlane.reason = "exit code 7";

    var result = run("services", "create", "web", "--image", "r/web:1");

    assertThat(result.code()).isEqualTo(4);
    assertThat(result.err())
        .contains(how, "exit code 7", "no such table: users", "skep services logs");
  }

  @Test
  void waitingHasAnEnd() {
    controlPlane.end = DeploymentState.DEPLOYMENT_STATE_VERIFYING;

    var result = run("services", "create", "web", "--image", "i", "--timeout", "300ms");

    assertThat(result.code()).isEqualTo(5);
    assertThat(result.err()).contains("waited");
  }

  @Test
  void withoutWaitingNoDeploymentIsRead() {
    assertThat(run("services", "create", "web", "--image", "i", "--no-wait").code()).isZero();
    assertThat(controlPlane.looks).hasValue(0);
  }

  @Test
  void updateChangesOneVariableAndKeepsTheRest() {
    run("services create web --image i --env A=1 --env B=2 --cpu 0.5 --memory 64M".split(" "));

    var result = run("services update web --env B=3 --env-rm A --cpu 1".split(" "));

    assertThat(result.code()).as(result.err()).isZero();
    var request = request(UpdateServiceRequest.class);
    assertThat(request.getUpdateMask().getPathsList()).containsExactly("env", "resources");
    assertThat(request.getEtag()).isEqualTo("e1");
    assertThat(request.getSpec().getEnvMap()).containsOnly(Map.entry("B", "3"));
    assertThat(request.getSpec().getResources().getCpuMillis()).isEqualTo(1000);
    assertThat(request.getSpec().getResources().getMemoryBytes()).isEqualTo(64L << 20);
  }

  @Test
  void constraintsReplaceAllAndAnEmptyOneTakesThemBack() {
    run(
        "services",
        "create",
        "web",
        "--image",
        "i",
        "--constraint",
        "gpu in (a100, h100)",
        "--constraint",
        "zone == eu-1",
        "--max-per-worker",
        "1");
    var spec = request(CreateServiceRequest.class).getSpec();

    assertThat(spec.getConstraintsList()).containsExactly("gpu in (a100, h100)", "zone == eu-1");
    assertThat(spec.getMaxPerWorker()).isEqualTo(1);

    var result = run("services", "update", "web", "--constraint", "", "--max-per-worker", "0");

    assertThat(result.code()).as(result.err()).isZero();
    var request = request(UpdateServiceRequest.class);
    assertThat(request.getUpdateMask().getPathsList())
        .containsExactly("constraints", "max_per_worker");
    assertThat(request.getSpec().getConstraintsList()).isEmpty();
  }

  @Test
  void listReadsEveryPageAndFitsEightyColumns() {
    for (var name : new String[] {"a", "b", "c", "d", "e".repeat(40)}) {
      run(
          "services",
          "create",
          name,
          "--image",
          "registry.example.com/" + name + ":1",
          "--no-wait");
    }
    var table = run("service", "list").out();

    assertThat(table.lines()).hasSize(6);
    assertThat(table.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(81));
  }

  @Test
  void jsonIsTheWholeResponse() {
    run("services", "create", "web", "--image", "i", "--no-wait");

    var json = JsonParser.parseString(run("services", "ls", "--format", "json").out());

    var service = json.getAsJsonObject().getAsJsonArray("services").get(0).getAsJsonObject();
    assertThat(service.get("name").getAsString()).isEqualTo("web");
    assertThat(service.getAsJsonObject("status").get("state").getAsString())
        .isEqualTo("SERVICE_STATE_RUNNING");
  }

  @Test
  void emptyListIsStillAList() {
    assertThat(run("--format", "json", "services", "ls").out()).contains("\"services\": []");
  }

  @Test
  void removalAsksAPersonForTheName() {
    run("services", "create", "web", "--image", "i", "--no-wait");

    var wrong = Invocation.run(environment(), "wep\n", true, "services", "rm", "web");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(controlPlane.services).containsKey("web");

    var right = Invocation.run(environment(), "web\n", true, "services", "rm", "web");
    assertThat(right.code()).as(right.err()).isZero();
    assertThat(controlPlane.services).isEmpty();
  }

  @Test
  void followedLogsGoOnAfterEachBreakWithoutLossOrRepetition() {
    var result = run("services", "logs", "web", "-f", "--tail", "0");

    assertThat(result.out().lines())
        .containsExactly("line 1", "line 2", "line 3", "line 4", "line 5", "line 6");
    assertThat(result.code()).isEqualTo(3);
    var last = request(FollowLogsRequest.class);
    assertThat(last.getCursor()).isEqualTo(6);
    assertThat(last.hasTail()).isFalse();
  }
}
