package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one service with its replicas. */
@Command(name = "inspect", aliases = "get", description = "Show a service and its replicas.")
final class InspectCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  InspectCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetServiceRequest.newBuilder().setService(service).build();
    var response = session.call(() -> session.controlPlane().services().getService(request));
    session.answer(
        response,
        () ->
            ServiceText.details(response.getService(), session.clock().instant(), session.width()));
  }
}
