package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.MigrateServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets replicas leave lost workers. */
@Command(name = "migrate", description = "Move replicas away from lost workers.")
final class MigrateCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = "--abandon-data",
      description =
          "Start elsewhere with empty volumes. Those on its worker are kept there; should the worker"
              + " only be cut off, the copy there runs on until it is back.")
  boolean abandonData;

  MigrateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        MigrateServiceRequest.newBuilder().setService(service).setAbandonData(abandonData).build();
    var response = session.call(() -> session.controlPlane().services().migrateService(request));
    session.answer(response, () -> ServiceText.summary(response.getService()));
  }
}
