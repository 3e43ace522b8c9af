package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.GetInfoRequest;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import dev.skep.v1.SystemServiceGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The people's port over REST and gRPC, with everything behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ApiTest {
  private static final String SERVICES = "/api/containers/services";

  private final StubRegistry registry = new StubRegistry();
  private @Nullable TestControlPlane started;

  @BeforeAll
  void start(@TempDir Path directory) {
    started = new TestControlPlane(directory);
    assertThat(create("taken", "{\"image\":\"" + registry.image("app:1") + "\"}").statusCode())
        .isEqualTo(200);
  }

  @AfterAll
  void stop() {
    skep().close();
    registry.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/system/info",
    "GET, /api/workers",
    "GET, /api/workers/x",
    "DELETE, /api/workers/x",
    "PATCH, /api/workers/x",
    "POST, /api/workers/x/cordon",
    "POST, /api/workers/x/uncordon",
    "POST, /api/workers/x/drain",
    "POST, /api/workers/x/rotate-certificate",
    "GET, /api/workers/x/loss-forecast",
    "POST, /api/containers/plan",
    "GET, /api/containers/services/taken/explain",
    "GET, /api/notifications",
    "POST, /api/workers/join-tokens",
    "DELETE, /api/workers/join-tokens/x",
    "GET, /api/containers/services",
    "POST, /api/containers/services",
    "GET, /api/containers/services/taken",
    "PATCH, /api/containers/services/taken",
    "DELETE, /api/containers/services/taken",
    "POST, /api/containers/services/taken/scale",
    "POST, /api/containers/services/taken/stop",
    "POST, /api/containers/services/taken/start",
    "POST, /api/containers/services/taken/restart",
    "GET, /api/containers/services/taken/deployments",
    "GET, /api/containers/services/taken/events",
    "GET, /api/containers/services/taken/logs",
    "GET, /api/containers/services/taken/logs?follow=true",
    "GET, /metrics",
  })
  void nothingWorksWithoutAToken(String method, String path) {
    HttpResponse<String> answer =
        skep().send(skep().request(path).method(method, BodyPublishers.noBody()));

    assertError(answer, 401, "TOKEN_REQUIRED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer x",
        "Basic x",
        "",
        "Bearer skp_00000000000000000000000000000000_0000000000000000000000000000000000000000000000000000000000000000"
      })
  void aWrongTokenIsRefused(String header) {
    HttpResponse<String> answer =
        skep().send(skep().request("/api/system/info").header("authorization", header));

    assertError(answer, 401, "TOKEN_REFUSED");
  }

  @Test
  void healthNeedsNoToken() {
    assertThat(skep().send(skep().request("/healthz")).statusCode()).isEqualTo(200);
    assertThat(skep().send(skep().request("/readyz")).statusCode()).isEqualTo(200);
    assertThat(
            HealthGrpc.newBlockingStub(skep().people(""))
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
  }

  @Test
  void overGrpcNothingWorksWithoutATokenEither() {
    var system = SystemServiceGrpc.newBlockingStub(skep().people(""));
    var services = ServicesServiceGrpc.newBlockingStub(skep().people(""));

    assertReason(
        Status.Code.UNAUTHENTICATED,
        "TOKEN_REQUIRED",
        () -> system.getInfo(GetInfoRequest.getDefaultInstance()));
    assertReason(
        Status.Code.UNAUTHENTICATED,
        "TOKEN_REQUIRED",
        () -> services.listServices(ListServicesRequest.getDefaultInstance()));
    assertThat(
            SystemServiceGrpc.newBlockingStub(skep().people())
                .getInfo(GetInfoRequest.getDefaultInstance())
                .getOrganizationName())
        .isEqualTo("default");
  }

  static Stream<Arguments> wrongServices() {
    return Stream.of(
        arguments("x", "'image':'$missing:1'", 400, "IMAGE_NOT_FOUND", "spec.image"),
        arguments("x", "'image':'no image'", 400, "INVALID_FIELD", "spec.image"),
        arguments("x", "'image':'127.0.0.1:1/a'", 503, "REGISTRY_UNREACHABLE", "spec.image"),
        arguments("x", "'image':'$a','replicas':0", 400, "INVALID_FIELD", "spec.replicas"),
        arguments("x", "'image':'$a','replicas':10000", 400, "INVALID_FIELD", "spec.replicas"),
        arguments(
            "x",
            "'image':'$a','resources':{'memory_bytes':-1}",
            400,
            "INVALID_FIELD",
            "spec.resources.memory_bytes"),
        arguments("taken", "'image':'$a'", 409, "NAME_TAKEN", "name"),
        arguments("two words", "'image':'$a'", 400, "INVALID_FIELD", "name"),
        arguments("x", "'image':'$a','health_check':{}", 400, "INVALID_FIELD", "spec.health_check"),
        arguments("x", "'image':'$a','imagee':'b'", 400, "INVALID_FIELD", "imagee"),
        arguments("x", "'image':'$a','replicas':'many'", 400, "INVALID_FIELD", "body"),
        arguments(
            "x", "'image':'$a','ports':[{'exposure':'EVERYWHERE'}]", 400, "INVALID_FIELD", "body"));
  }

  @ParameterizedTest
  @MethodSource("wrongServices")
  void aWrongFieldIsNamed(String name, String spec, int status, String code, String field) {
    HttpResponse<String> answer =
        create(name, "{" + spec.replace("$", registry.image("")).replace('\'', '"') + "}");

    JsonObject error = assertError(answer, status, code);
    assertThat(error.getAsJsonArray("fields"))
        .anySatisfy(
            f -> assertThat(f.getAsJsonObject().get("field").getAsString()).isEqualTo(field));
  }

  @Test
  void grpcGivesTheSameReasonAsRest() {
    var services = ServicesServiceGrpc.newBlockingStub(skep().people());
    var spec = ServiceSpec.newBuilder().setImage(registry.image("app:1"));

    assertReason(
        Status.Code.ALREADY_EXISTS,
        "NAME_TAKEN",
        () ->
            services.createService(
                CreateServiceRequest.newBuilder().setName("taken").setSpec(spec).build()));
    assertReason(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () ->
            services.createService(
                CreateServiceRequest.newBuilder().setName("a b").setSpec(spec).build()));
    assertReason(
        Status.Code.NOT_FOUND,
        "SERVICE_NOT_FOUND",
        () -> services.getService(GetServiceRequest.newBuilder().setService("none").build()));
    assertReason(
        Status.Code.INVALID_ARGUMENT,
        "INVALID_FIELD",
        () -> services.getService(GetServiceRequest.newBuilder().setService("a\0b").build()));
    assertError(skep().send(skep().authorized(SERVICES + "/none")), 404, "SERVICE_NOT_FOUND");
  }

  @ParameterizedTest
  @CsvSource({
    "?page_size=201, page_size",
    "?page_size=-1, page_size",
    "?page_token=!, page_token",
    "?pagesize=1, pagesize",
    "/taken/logs?tail=10001, tail",
    "/taken/logs?follow=true&tial=1, tial",
    "/taken/logs?follow=true&since=yesterday, since",
  })
  void aWrongParameterIsNamed(String path, String field) {
    JsonObject error =
        assertError(skep().send(skep().authorized(SERVICES + path)), 400, "INVALID_FIELD");

    assertThat(error.getAsJsonArray("fields").get(0).getAsJsonObject().get("field").getAsString())
        .isEqualTo(field);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "nonsense", "{\"name\":}", "\0", "{\"name\":{}}"})
  void malformedJsonIsTheCallersMistake(String body) {
    assertError(post(body, "application/json"), 400, "INVALID_FIELD");
  }

  @Test
  void deeplyNestedJsonIsTheCallersMistake() {
    assertError(post("[".repeat(100_000), "application/json"), 400, "INVALID_FIELD");
    assertError(post("{\"spec\":".repeat(50_000), "application/json"), 400, "INVALID_FIELD");
  }

  @Test
  void anotherContentTypeIsRefused() {
    assertError(post("name=x", "application/x-www-form-urlencoded"), 415, "UNSUPPORTED_MEDIA_TYPE");
    assertError(
        skep().send(skep().authorized(SERVICES).header("accept", "text/csv")),
        406,
        "NOT_ACCEPTABLE");
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedInOurShape() {
    HttpResponse<String> answer =
        skep()
            .send(
                skep()
                    .authorized(SERVICES)
                    .version(HttpClient.Version.HTTP_1_1)
                    .header("content-type", "application/json")
                    .POST(BodyPublishers.ofString("x".repeat((1 << 20) + 1))));

    assertError(answer, 413, "BODY_TOO_LARGE");
  }

  @Test
  void aPathThatTakesAnotherMethodSaysSo() {
    assertThat(skep().send(skep().authorized(SERVICES).DELETE()).headers().firstValue("allow"))
        .contains("OPTIONS, GET, HEAD, POST");
    assertError(skep().send(skep().authorized("/api/workers").DELETE()), 405, "METHOD_NOT_ALLOWED");
    assertError(skep().send(skep().authorized(SERVICES).DELETE()), 405, "METHOD_NOT_ALLOWED");
    assertError(skep().send(skep().authorized("/api/nothing")), 404, "PATH_NOT_FOUND");
  }

  private HttpResponse<String> create(String name, String spec) {
    return post("{\"name\":\"" + name + "\",\"spec\":" + spec + "}", "application/json");
  }

  private HttpResponse<String> post(String body, String type) {
    return skep()
        .send(
            skep()
                .authorized(SERVICES)
                .header("content-type", type)
                .POST(BodyPublishers.ofString(body)));
  }

  private TestControlPlane skep() {
    return Objects.requireNonNull(started);
  }

  /** One shape of errors everywhere; an empty code is any. */
  private static JsonObject assertError(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("content-type").orElse(""))
        .startsWith("application/json");
    JsonObject error = JsonParser.parseString(answer.body()).getAsJsonObject();
    assertThat(error.keySet())
        .containsExactlyInAnyOrder("code", "message", "fields", "request_id", "help");
    assertThat(error.get("message").getAsString()).isNotBlank().doesNotContain("Exception");
    if (!code.isEmpty()) {
      assertThat(error.get("code").getAsString()).isEqualTo(code);
    }
    return error;
  }

  private static void assertReason(Status.Code code, String reason, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(code);
              assertThat(Objects.requireNonNull(StatusProto.fromThrowable(e)).getDetailsList())
                  .anySatisfy(detail -> assertThat(reason(detail)).isEqualTo(reason));
            });
  }

  private static String reason(Any detail) throws Exception {
    return detail.is(ErrorInfo.class) ? detail.unpack(ErrorInfo.class).getReason() : "";
  }
}
