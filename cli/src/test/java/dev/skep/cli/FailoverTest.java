package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import com.google.rpc.Status;
import dev.skep.v1.CreateServiceRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several addresses of one installation. */
class FailoverTest {
  private FakeControlPlane first;
  private FakeControlPlane second;

  @BeforeEach
  void start() throws IOException {
    first = FakeControlPlane.start();
    second = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    first.close();
    second.close();
  }

  private static Invocation run(String servers, String... args) {
    return Invocation.run(Map.of("SKEP_SERVER", servers, "SKEP_TOKEN", "skp_t"), args);
  }

  private static String url(int port) {
    return "http://127.0.0.1:" + port;
  }

  private String both() {
    return url(first.port()) + "," + url(second.port());
  }

  @Test
  void aReadGoesOnToTheNextWithTheToken() {
    first.refusal = unavailable();

    var result = run(both(), "services", "ls");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(second.authorizations).containsExactly("Bearer skp_t");
  }

  @Test
  void aCreationGoesOnWithTheSameRequestId() {
    first.refusal = unavailable();

    var result = run(both(), "services", "create", "api", "--image", "app:1", "--no-wait");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(second.requests)
        .filteredOn(CreateServiceRequest.class::isInstance)
        .singleElement()
        .satisfies(r -> assertThat(((CreateServiceRequest) r).getRequestId()).isNotEmpty());
  }

  @Test
  void aWriteThatMayHaveHappenedGoesOnWithTheSameKey() {
    first.refusal = unavailable();

    var result = run(both(), "quotas", "set", "--services", "5");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(first.keys).singleElement().satisfies(key -> assertThat(key).hasSize(36));
    assertThat(second.keys).isEqualTo(first.keys);
  }

  @Test
  void readsCarryNoKeyAndEveryChangeAnother() {
    run(url(first.port()), "services", "ls");
    assertThat(first.keys).isEmpty();

    run(url(first.port()), "services", "create", "a", "--image", "app:1", "--no-wait");
    run(url(first.port()), "services", "create", "b", "--image", "app:1", "--no-wait");
    assertThat(first.keys).hasSize(2).doesNotHaveDuplicates();
  }

  @Test
  void aWriteThatNeverLeftGoesToTheNext() {
    run(url(second.port()), "services", "create", "api", "--image", "app:1", "--no-wait");
    int port = first.port();
    first.close();

    var result = run(url(port) + "," + url(second.port()), "services", "rm", "api", "--force");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(second.services).isEmpty();
  }

  @Test
  void oneThatIsFrozenIsLeftInTime() throws IOException {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      long began = System.nanoTime();
      var result = run(url(silent.getLocalPort()) + "," + url(second.port()), "services", "ls");

      assertThat(result.code()).as(result.err()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
    }
  }

  @Test
  void aRefusalIsFinalAndAllAwayIsUnreachable() {
    first.refusal = Status.newBuilder().setCode(Code.NOT_FOUND_VALUE).setMessage("no").build();
    assertThat(run(both(), "services", "ls").code()).isEqualTo(3);
    assertThat(second.authorizations).isEmpty();

    first.refusal = unavailable();
    second.refusal = unavailable();
    assertThat(run(both(), "services", "ls").code()).isEqualTo(5);
  }

  private static Status unavailable() {
    return Status.newBuilder().setCode(Code.UNAVAILABLE_VALUE).setMessage("going down").build();
  }
}
