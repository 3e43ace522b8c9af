package dev.skep.testbed.e2e;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.skep.testbed.Await;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has to be refused, and how it is told. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RefusalTest {
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(60);
  private static final int EXIT_REFUSED = 3;

  /** The shortest life that a token can have. */
  private static final long SHORT_LIVED_SECONDS = 60;

  @RegisterExtension private final SkepLab skep = SkepLab.start(1);

  private final Api api = skep.api();
  private final String shortLived = api.joinToken(1, SHORT_LIVED_SECONDS);
  private final Instant expired = Instant.now().plusSeconds(SHORT_LIVED_SECONDS);

  @AfterEach
  void clear() {
    skep.clear();
  }

  @Test
  void imageTagThatTheRegistryDoesNotKnowIsNamedInTheRefusal() throws Exception {
    var image = skep.lab().registry().address() + "/web:none";
    var spec = skep.specs().web("v1", 1).setImage(image).build();
    var failure = catchThrowableOfType(StatusRuntimeException.class, () -> api.create("web", spec));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(failure.getStatus().getDescription()).contains("web:none");
    assertThat(reason(failure)).isEqualTo("IMAGE_NOT_FOUND");

    var body = "{\"name\":\"web\",\"spec\":{\"image\":\"%s\"}}".formatted(image);
    var answer = api.rest("POST", "/api/containers/services", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"IMAGE_NOT_FOUND\"", "\"spec.image\"", "web:none");
    assertThat(api.listServices()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"privileged\":true",
        "\"mounts\":[{\"type\":\"bind\",\"source\":\"/\",\"target\":\"/host\"}]",
        "\"capabilities\":[\"SYS_ADMIN\"]",
        "\"network_mode\":\"host\""
      })
  void workloadThatWouldOwnTheHostCannotBeAskedFor(String field) {
    var image = skep.specs().web("v1", 1).getImage();
    var body = "{\"name\":\"web\",\"spec\":{\"image\":\"%s\",%s}}".formatted(image, field);
    var answer = api.rest("POST", "/api/containers/services", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    var name = field.substring(1, field.indexOf('"', 1));
    assertThat(answer.body()).contains("\"INVALID_FIELD\"", name, "unknown");
    assertThat(api.listServices()).isEmpty();
  }

  @Test
  void containerHasNoMoreRightsThanItNeeds() {
    var web = api.run("web", skep.specs().web("v1", 1).build());
    var running = skep.engines().running(web.getId()).getFirst();
    var container = skep.engines().on(running.host()).inspectContainerCmd(running.id()).exec();
    var rights = container.getHostConfig();
    assertThat(rights.getPrivileged()).isFalse();
    assertThat(rights.getCapDrop()).extracting(Enum::name).containsExactly("ALL");
    assertThat(rights.getCapAdd())
        .extracting(Enum::name)
        .doesNotContain("SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE", "ALL");
    assertThat(requireNonNull(container.getMounts()))
        .as("only our own probe tool, and that not to be written to")
        .singleElement()
        .matches(mount -> Boolean.FALSE.equals(mount.getRW()));
  }

  @Test
  void usedUpJoinTokenEndsTheAgentWithTheReason() throws Exception {
    assertRefused(skep.usedUpToken(), "used up");
  }

  @Test
  void joinTokenWithAWrongSecretEndsTheAgentWithTheReason() throws Exception {
    var parts = api.joinToken(1, 3600).split("\\.", -1);
    parts[2] = new StringBuilder(parts[2]).reverse().toString();
    assertRefused(String.join(".", parts), "token");
  }

  @Test
  void controlPlaneAndAgentOfAnotherAuthorityRefuseEachOther() throws Exception {
    var lab = skep.lab();
    var directory = lab.directory().resolve("other");
    try (var other = new ControlPlaneProcess(directory, lab.gateway(), lab.registry().address());
        var otherApi = new Api(other)) {
      var stranger = Stranger.enrol(other.agentEndpoint(), otherApi.joinToken(1, 3600));
      assertThat(stranger.hello(other.agentEndpoint()).getCode())
          .as("its own control plane knows it")
          .isEqualTo(Status.Code.OK);
      assertThat(stranger.hello(skep.controlPlane().agentEndpoint()).getCode())
          .isIn(Status.Code.UNAUTHENTICATED, Status.Code.UNAVAILABLE);

      assertRefused(
          otherApi.joinToken(1, 3600), "is not the control plane that made the join token");
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void expiredJoinTokenEndsTheAgentWithTheReason() throws Exception {
    Await.seconds(SHORT_LIVED_SECONDS + 5)
        .until("the token has expired", () -> Instant.now().isAfter(expired));
    assertRefused(shortLived, "expired");
  }

  private void assertRefused(String joinToken, String reason) throws Exception {
    var agent =
        new AgentProcess(
            skep.lab().host("w1"), "intruder", skep.controlPlane().agentEndpoint(), joinToken);
    assertThat(agent.awaitExit(EXIT_LIMIT)).isEqualTo(EXIT_REFUSED);
    var lines = Files.readAllLines(agent.log());
    assertThat(lines.getLast()).startsWith("skep-agent: ").contains(reason);
    assertThat(String.join("\n", lines)).as("the token is a secret").doesNotContain(joinToken);
    assertThat(api.listWorkers()).extracting(worker -> worker.getName()).containsExactly("w1");
  }

  private static String reason(StatusRuntimeException failure)
      throws InvalidProtocolBufferException {
    var status = requireNonNull(StatusProto.fromThrowable(failure));
    for (var detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return detail.unpack(ErrorInfo.class).getReason();
      }
    }
    return "";
  }
}
