package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorsTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation run(String... args) {
    return Invocation.run(
        Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_t"),
        args);
  }

  @ParameterizedTest
  @CsvSource({
    "INVALID_ARGUMENT, 3",
    "NOT_FOUND, 3",
    "ALREADY_EXISTS, 3",
    "PERMISSION_DENIED, 3",
    "UNAUTHENTICATED, 3",
    "RESOURCE_EXHAUSTED, 3",
    "FAILED_PRECONDITION, 3",
    "ABORTED, 3",
    "UNAVAILABLE, 5",
    "DEADLINE_EXCEEDED, 5",
    "INTERNAL, 1",
    "UNIMPLEMENTED, 1",
    "UNKNOWN, 1",
  })
  void everyCodeHasItsExitCode(Code code, int exitCode) {
    controlPlane.refusal = Status.newBuilder().setCode(code.getNumber()).setMessage("m").build();

    var result = run("services", "ls");

    assertThat(result.code()).isEqualTo(exitCode);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("error: ").doesNotContain("Exception", "\tat ");
  }

  @Test
  void fieldsAndHintFollowTheMessage() {
    var fields = BadRequest.newBuilder();
    fields.addFieldViolationsBuilder().setField("spec.image").setDescription("'x y' has a space");
    fields.addFieldViolationsBuilder().setField("name").setDescription("is empty");
    controlPlane.refusal =
        Status.newBuilder()
            .setCode(Code.INVALID_ARGUMENT_VALUE)
            .setMessage("the service is not valid")
            .addDetails(Any.pack(fields.build()))
            .addDetails(Any.pack(ErrorInfo.newBuilder().putMetadata("hint", "look here").build()))
            .build();

    assertThat(run("services", "ls").err())
        .isEqualTo(
            """
            error: the service is not valid
              spec.image: 'x y' has a space
              name: is empty
            hint: look here
            """);
  }

  @Test
  void quotaSaysWhichLimitWasMet() {
    var quota = QuotaFailure.newBuilder();
    quota.addViolationsBuilder().setSubject("cpu").setDescription("4 of 4 cores are in use");
    controlPlane.refusal =
        Status.newBuilder()
            .setCode(Code.RESOURCE_EXHAUSTED_VALUE)
            .setMessage("over quota")
            .addDetails(Any.pack(quota.build()))
            .build();

    assertThat(run("services", "ls").err()).contains("\n  cpu: 4 of 4 cores are in use\n");
  }

  @Test
  void debugAddsTheStackTrace() {
    controlPlane.refusal = Status.newBuilder().setCode(Code.INTERNAL_VALUE).build();

    assertThat(run("--debug", "services", "ls").err()).contains("\tat ");
  }

  @Test
  void closedPortIsUnreachable() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    var result =
        Invocation.run(Map.of("SKEP_SERVER", "http://127.0.0.1:" + port), "services", "ls");

    assertThat(result.code()).isEqualTo(5);
    assertThat(result.err()).contains("http://127.0.0.1:" + port, "refused");
  }

  @ParameterizedTest
  @CsvSource({
    "services crate, did you mean create",
    "services create web, needs an image",
    "services ls --frmat json, --frmat",
    "services create web --image a --port http, is not a port",
    "services scale web many, many",
    "services ls --state happy, is not a state",
    "services rm web, --force",
    "workers token --roles king, is not a role",
    "services create a --image b --health-tcp 80 --health-http /, exclude each other",
    "services create a --image b --health-interval 5s, needs its kind",
  })
  void misuseExitsWithTwoAndSaysWhat(String line, String expected) {
    var result = run(line.split(" "));

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).startsWith("error: ").contains(expected);
    assertThat(controlPlane.requests).isEmpty();
  }

  @Test
  void withoutAnyControlPlaneTheUserLearnsToLogIn() {
    var result = Invocation.run(Map.of(), "services", "ls");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("skep login");
  }
}
