package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.TestImages;
import dev.skep.v1.Deployment;
import dev.skep.v1.DeploymentState;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Releases that do not work: the deployment says so, and what worked goes on. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FailedDeploymentTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(1);

  private final Api api = skep.api();

  @Test
  void imageThatCrashesFailsItsDeploymentWithTheExitCode() {
    api.create("crash", skep.specs().of(TestImages.crash(), 1).build());

    Deployment ended = api.awaitEnd("crash");

    assertThat(ended.getState()).isEqualTo(DeploymentState.DEPLOYMENT_STATE_FAILED);
    assertThat(ended.getReason()).contains("do not stay up").contains("non-zero exit (1)");
    Await.seconds(20)
        .until(
            "its last words",
            () -> api.awaitEnd("crash").getLastLogLinesList(),
            lines -> lines.contains("crash: cannot go on"));
  }

  @Test
  void releaseThatIsNeverHealthyIsRolledBackWhileTheOneBeforeAnswersEveryRequest() {
    api.run("web", skep.specs().web("v1", 2).build());
    api.run("client", skep.specs().client("web").build());
    Await.seconds(60).until("the client is answered", () -> answers().size(), n -> n > 5);

    String broken = api.update("web", skep.specs().image(TestImages.webBroken("v3")));
    Deployment ended = api.awaitEnd("web", broken);
    api.awaitRunning("web");

    assertThat(ended.getState()).isEqualTo(DeploymentState.DEPLOYMENT_STATE_ROLLED_BACK);
    assertThat(ended.getReason()).contains("unhealthy").contains("going back to release 1");
    assertThat(api.get("web").getStatus().getRelease().getNumber()).isEqualTo(1);
    assertThat(api.events("web"))
        .anySatisfy(event -> assertThat(event.getMessage()).contains("rolled back from release 2"));
    assertThat(api.get("web").getStatus().getReplicasRunning()).isEqualTo(2);
    assertThat(answers()).allSatisfy(answer -> assertThat(answer).endsWith(" v1"));
  }

  private List<String> answers() {
    return api.allLogs("client").stream().map(line -> line.getText()).toList();
  }
}
