package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.MigrateServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lets replicas leave lost workers. */
@Command(name = "migrate", description = "Move replicas away from lost workers.")
final class MigrateCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  MigrateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = MigrateServiceRequest.newBuilder().setService(service).build();
    var response = session.call(() -> session.controlPlane().services().migrateService(request));
    session.answer(response, () -> ServiceText.summary(response.getService()));
  }
}
