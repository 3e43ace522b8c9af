package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.RollBackServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes an earlier release the running one. */
@Command(name = "rollback", description = "Run an earlier release again; nothing is rebuilt.")
final class RollBackCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "RELEASE",
      description = "Its number; without one, the release before.")
  int release;

  @Mixin WaitOptions wait = new WaitOptions();

  RollBackCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request =
        RollBackServiceRequest.newBuilder().setService(service).setReleaseNumber(release).build();
    var response = session.call(() -> session.controlPlane().services().rollBackService(request));
    if (!wait.wanted() || response.getDeploymentId().isEmpty()) {
      session.answer(response, () -> ServiceText.summary(response.getService()));
      return;
    }
    var rollout = new Rollout(session, wait);
    rollout.awaitRunning(response.getService(), response.getDeploymentId());
    session.answer(response, () -> ServiceText.summary(rollout.read(service)));
  }
}
