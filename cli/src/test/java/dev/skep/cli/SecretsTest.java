package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.AddSecretVersionRequest;
import dev.skep.v1.CreateSecretRequest;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.DeleteSecretRequest;
import dev.skep.v1.SecretRotation;
import dev.skep.v1.UpdateServiceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SecretsTest {
  @TempDir private Path directory;
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
    return Map.of("SKEP_SERVER", "http://127.0.0.1:" + controlPlane.port(), "SKEP_TOKEN", "skp_t");
  }

  private Invocation run(String arguments) {
    return Invocation.run(environment(), arguments.split(" "));
  }

  private Invocation runWith(String input, String arguments) {
    return Invocation.run(environment(), input, false, arguments.split(" "));
  }

  private <T> T request(Class<T> type) {
    return controlPlane.requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((a, b) -> b)
        .orElseThrow();
  }

  @Test
  void aValueComesFromStandardInputOrAFileExactlyAsItIs() throws IOException {
    var result = runWith("hunter2\n", "secrets create db");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(request(CreateSecretRequest.class).getValue().toStringUtf8()).isEqualTo("hunter2\n");
    assertThat(result.err()).contains("ends with a newline");
    assertThat(result.out() + result.err()).doesNotContain("hunter2");
    runWith("hunter2\n", "secrets create db --trim");
    assertThat(request(CreateSecretRequest.class).getValue().toStringUtf8()).isEqualTo("hunter2");
    byte[] binary = {0, -1, '\n', 1};
    Files.write(directory.resolve("v"), binary);
    run("secrets create tls --from-file " + directory.resolve("v"));
    assertThat(request(CreateSecretRequest.class).getValue().toByteArray()).isEqualTo(binary);
  }

  @Test
  void anEmptyValueOrOneAsAnArgumentIsRefused() {
    assertThat(runWith("", "secrets create db").err()).contains("the value is empty");
    assertThat(run("secrets create db hunter2").code()).isEqualTo(2);
    assertThat(controlPlane.requests).isEmpty();
  }

  @Test
  void rotatingSaysWhoStillHasTheOldOne() {
    var result = runWith("x", "secrets set db");

    assertThat(result.out())
        .contains("db has version 2", "until their next update or restart: api");
    assertThat(request(AddSecretVersionRequest.class).getRotation())
        .isEqualTo(SecretRotation.SECRET_ROTATION_NONE);
  }

  @Test
  void rotatingAtOnceWaitsForTheDeployments() {
    var result = runWith("x", "secrets rotate db --rotation rolling");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(request(AddSecretVersionRequest.class).getRotation())
        .isEqualTo(SecretRotation.SECRET_ROTATION_ROLLING);
    assertThat(controlPlane.looks.get()).isGreaterThanOrEqualTo(2);
    runWith("x", "secrets rotate db --rotation restart --no-wait");
    assertThat(request(AddSecretVersionRequest.class).getRotation())
        .isEqualTo(SecretRotation.SECRET_ROTATION_RESTART);
  }

  @Test
  void listAndShowTellOfVersionsAndUsers() {
    assertThat(run("secrets ls").out()).contains("db", "tls", "id-db");
    assertThat(run("secrets show db").out()).contains("ada", "api", "$DB");
  }

  @Test
  void removingNeedsAWord() {
    assertThat(run("secrets rm db").code()).isEqualTo(2);
    assertThat(run("secrets rm db --yes").code()).isZero();
    assertThat(request(DeleteSecretRequest.class).getSecret()).isEqualTo("db");
  }

  @Test
  void servicesNameTheirSecretsAndHowTheyWantThem() {
    run(
        "services create api --image i --secret db --secret key:env=API_KEY"
            + " --secret tls:file=/etc/tls/key,mode=0400,uid=101,gid=102");

    var uses = request(CreateServiceRequest.class).getSpec().getSecretsList();
    assertThat(uses).extracting("secret").containsExactly("db", "key", "tls");
    assertThat(uses.get(1).getEnv()).isEqualTo("API_KEY");
    assertThat(uses.get(2).getFile().getPath()).isEqualTo("/etc/tls/key");
    assertThat(uses.get(2).getFile().getMode()).isEqualTo(0400);
    assertThat(uses.get(2).getFile().getUid()).isEqualTo(101);
    assertThat(uses.get(2).getFile().getGid()).isEqualTo(102);
    assertThat(run("services inspect api").out())
        .contains("key as $API_KEY", "tls as /etc/tls/key");
    var none = Invocation.run(environment(), "services", "update", "api", "--secret", "");
    assertThat(none.code()).as(none.err()).isZero();
    assertThat(request(UpdateServiceRequest.class).getUpdateMask().getPathsList())
        .containsExactly("secrets");
    assertThat(request(UpdateServiceRequest.class).getSpec().getSecretsCount()).isZero();
  }

  @Test
  void aUseThatCannotBeReadIsExplained() {
    for (var use : new String[] {"db:x", "db:env", ":env=A", "db:file=/a,mode=9"}) {
      var result = run("services create api --image i --secret " + use);
      assertThat(result.code()).as(use).isEqualTo(2);
      assertThat(result.err()).contains("is not a use of a secret", "env=DB_PASSWORD");
    }
  }
}
