package dev.skep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.v1.PlanServiceRequest;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init")
final class ForecastsTest {
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
            "80"),
        args);
  }

  private PlanServiceRequest asked() {
    return (PlanServiceRequest) controlPlane.requests.getLast();
  }

  @Test
  void anExplanationSaysStateMovesRulesAndRoom() {
    var explain = skep("services", "explain", "web");

    assertThat(explain.code()).as(explain.err()).isZero();
    assertThat(explain.out())
        .isEqualTo(
            """
            web is pending
            1 of 2 replicas have no worker; 2 workers: 2 lack 1.0 CPU

            WORKER  NOW  THEN  WHY
            w1      2    0     it is drained
            w2      0    1     -

            No room for another replica: 2 lack 1.0 CPU
            """);
  }

  @Test
  void aPlanOfANewServiceSendsTheWholeSpecAndOfAnExistingOneWhatWasSaid() {
    var create = skep("services", "plan", "web", "--image", "r/web:1", "--replicas", "2");

    assertThat(create.code()).as(create.err()).isZero();
    assertThat(create.out()).contains("Would create web from sha256:1", "Nothing was written.");
    assertThat(asked().getUpdateMask().getPathsList()).isEmpty();
    assertThat(asked().getSpec().getReplicas()).isEqualTo(2);

    skep("services", "create", "web", "--image", "r/web:1");
    var update = skep("services", "plan", "web", "--replicas", "5");

    assertThat(update.out()).contains("Would give web a new release");
    assertThat(asked().getUpdateMask().getPathsList()).containsExactly("replicas");
    assertThat(asked().getSpec().getImage()).isEqualTo("r/web:1");
  }

  @Test
  void aPlanWithoutEnoughSaysWhatToAdd() {
    assertThat(skep("services", "plan", "web").err())
        .contains("there is no service \"web\" yet", "add --image");
    skep("services", "create", "web", "--image", "r/web:1");
    assertThat(skep("services", "plan", "web").err()).contains("nothing to change");
  }

  @Test
  void aLossSaysWhatMovesAndWhatStaysDown() {
    var loss = skep("workers", "what-if", "w1", "--lost");

    assertThat(loss.code()).as(loss.err()).isZero();
    assertThat(loss.out())
        .isEqualTo(
            """
            If w1 were lost now, 1 replica would move and 1 replica would stay down.
            web: 1 of 2 replicas have no worker; 2 workers: 2 lack 1.0 CPU

            SERVICE  WORKER  NOW  THEN  WHY
            web      w1      2    0     it is lost
            web      w2      0    1     -
            """);
    assertThat(skep("workers", "what-if", "w2", "--lost").out()).contains("holds no replicas");
    assertThat(skep("workers", "what-if", "w1").err()).contains("add --lost");
  }
}
