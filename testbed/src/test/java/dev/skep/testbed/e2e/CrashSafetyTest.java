package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.skep.testbed.Await;
import dev.skep.v1.DeploymentState;
import dev.skep.v1.ListServicesRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Processes are killed in the middle of a deployment. It has to finish, and what ran before has to
 * run on: same containers, same start times.
 */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashSafetyTest {
  @RegisterExtension private final SkepLab skep = SkepLab.start(3);

  private final Api api = skep.api();
  private final Engines engines = skep.engines();
  private String bystander = "";
  private List<Engines.Running> before = List.of();

  @BeforeAll
  void runABystander() {
    bystander = api.run("bystander", skep.specs().web("v1", 3).build()).getId();
    before = engines.running(bystander);
    assertThat(before).hasSize(3);
  }

  @AfterEach
  void clear() {
    String web = api.get("web").getId();
    api.delete("web");
    Await.seconds(60).until("web is gone", () -> engines.running(web), List::isEmpty);
    Await.seconds(60).until("only one is listed", () -> api.listServices().size() == 1);
  }

  @Test
  void deploymentFinishesWhenTheControlPlaneIsKilledRightAfterItAnswered() {
    api.create("web", skep.specs().web("v1", 3).build());
    skep.controlPlane().kill9();
    skep.controlPlane().start();
    assertFinished();
  }

  @Test
  void deploymentFinishesWhenTheControlPlaneIsKilledWhileItVerifies() {
    api.create("web", slowWeb());
    awaitVerifying();
    skep.controlPlane().kill9();
    skep.controlPlane().start();
    assertFinished();
  }

  @Test
  void deploymentFinishesWhenTheManagersAgentIsKilledRightAfterItBegan() {
    api.create("web", skep.specs().web("v1", 3).build());
    restartManagersAgent();
    assertFinished();
  }

  @Test
  void deploymentFinishesWhenTheManagersAgentIsKilledWhileReplicasStart() {
    api.create("web", slowWeb());
    awaitVerifying();
    restartManagersAgent();
    assertFinished();
  }

  @Test
  void killedDatabaseIsStartedAgainAndNothingIsLost() {
    api.create("web", slowWeb());
    awaitVerifying();
    var server = skep.controlPlane().postgres().orElseThrow();
    server.destroyForcibly();
    Await.seconds(60)
        .until(
            "requests are answered by another server",
            () -> {
              var status = listServices();
              // A call waits a moment for the database; only when that is not enough it is refused.
              assertThat(status.getCode()).isIn(Status.Code.OK, Status.Code.UNAVAILABLE);
              return status.isOk() && replaced(server);
            });
    assertFinished();
  }

  private boolean replaced(ProcessHandle server) {
    return skep.controlPlane().postgres().filter(now -> now.pid() != server.pid()).isPresent();
  }

  private Status listServices() {
    var failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> api.services().listServices(ListServicesRequest.getDefaultInstance()));
    return failure == null ? Status.OK : failure.getStatus();
  }

  private void restartManagersAgent() {
    var agent = skep.agent(engines.managerHost());
    agent.kill9();
    agent.start();
  }

  private void assertFinished() {
    var web = api.awaitRunning("web");
    assertThat(engines.running(web.getId())).hasSize(3);
    assertThat(engines.running(bystander)).isEqualTo(before);
    assertThat(api.listServices())
        .extracting(Service::getName)
        .containsExactlyInAnyOrder("bystander", "web");
  }

  private void awaitVerifying() {
    Await.seconds(30)
        .every(Duration.ofMillis(20))
        .until(
            "web is verified",
            () -> api.latest("web").getState(),
            state -> state == DeploymentState.DEPLOYMENT_STATE_VERIFYING);
  }

  /** Long enough in verification to be caught there. */
  private ServiceSpec slowWeb() {
    var spec = skep.specs().web("v1", 3);
    spec.addCommand("/bin/sh").addCommand("-c").addCommand("sleep 4; exec /bin/serve");
    spec.getHealthCheckBuilder()
        .setStartPeriod(com.google.protobuf.Duration.newBuilder().setSeconds(60));
    return spec.build();
  }
}
