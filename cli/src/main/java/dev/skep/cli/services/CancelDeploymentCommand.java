package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CancelDeploymentRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Ends the deployment that is under way. */
@Command(
    name = "cancel",
    description = "End the deployment that is under way; the release before runs again.")
final class CancelDeploymentCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      defaultValue = "current",
      paramLabel = "DEPLOYMENT",
      description = "Its id; without one, the one that is under way.")
  String deployment = "current";

  CancelDeploymentCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        CancelDeploymentRequest.newBuilder().setService(service).setDeployment(deployment).build();
    var response =
        session.call(() -> session.controlPlane().deployments().cancelDeployment(request));
    session.answer(
        response,
        () ->
            "The deployment of release "
                + response.getDeployment().getReleaseNumber()
                + " of "
                + service
                + " is being cancelled.");
  }
}
