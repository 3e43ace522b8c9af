package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.RecoverClusterRequest;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
final class ClustersTest {
  private FakeControlPlane controlPlane;

  @BeforeEach
  void start() throws IOException {
    controlPlane = FakeControlPlane.start();
  }

  @AfterEach
  void stop() {
    controlPlane.close();
  }

  private Invocation skep(String... args) {
    return Invocation.run(
        Map.of(
            "SKEP_SERVER",
            "http://127.0.0.1:" + controlPlane.port(),
            "SKEP_TOKEN",
            "skp_x",
            "COLUMNS",
            "160"),
        args);
  }

  @Test
  void theStatusSaysWhatIsWrongAndWhatToDo() {
    var status = skep("cluster", "status");

    assertThat(status.code()).as(status.err()).isZero();
    assertThat(status.out())
        .contains("cannot be changed", "gone are w1, w2", "bring the managers back")
        .contains("1 of 3 reachable, 2 needed; 3 wanted")
        .containsPattern("w3 +- +reachable +connected +leader,owner")
        .containsPattern("w1 +- +unreachable +gone");
    assertThat(skep("cluster", "ls").out()).containsPattern("default +cannot be changed +3 +1/3");
  }

  @Test
  void aRecoveryTellsItsCostAndDoesNothingWithoutYes() {
    var asked = skep("cluster", "recover", "--worker", "w3");

    assertThat(asked.code()).isEqualTo(2);
    assertThat(asked.err()).contains("nothing is deployed for a while", "--yes");
    assertThat(recoveries())
        .singleElement()
        .satisfies(
            r -> {
              assertThat(r.getValidateOnly()).isTrue();
              assertThat(r.getWorker()).isEqualTo("w3");
            });
  }

  @Test
  void aRecoveryIsWaitedFor() {
    var recovered = skep("cluster", "recover", "default", "--new-swarm", "--yes");

    assertThat(recovered.code()).as(recovered.err()).isZero();
    assertThat(recovered.out()).contains("can be changed again");
    assertThat(recoveries()).hasSize(2);
    assertThat(recoveries().getLast().getValidateOnly()).isFalse();
    assertThat(recoveries().getLast().getNewSwarm()).isTrue();
    assertThat(skep("cluster", "status").out()).contains("State        ok");
  }

  private List<RecoverClusterRequest> recoveries() {
    return controlPlane.requests.stream()
        .filter(RecoverClusterRequest.class::isInstance)
        .map(RecoverClusterRequest.class::cast)
        .toList();
  }
}
