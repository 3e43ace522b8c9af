package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.ScaleServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Sets the number of replicas. */
@Command(name = "scale", description = "Set the number of replicas.")
final class ScaleCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Parameters(index = "1", paramLabel = "REPLICAS", description = "1 to 1000.")
  int replicas;

  @Mixin WaitOptions wait = new WaitOptions();

  ScaleCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request =
        ScaleServiceRequest.newBuilder().setService(service).setReplicas(replicas).build();
    var response = session.call(() -> session.controlPlane().services().scaleService(request));
    if (!wait.wanted()) {
      session.answer(response, () -> ServiceText.summary(response.getService()));
      return;
    }
    var rollout = new Rollout(session, wait);
    rollout.awaitRunning(
        response.getService(), response.getService().getStatus().getDeploymentId());
    session.answer(response, () -> ServiceText.summary(rollout.read(service)));
  }
}
