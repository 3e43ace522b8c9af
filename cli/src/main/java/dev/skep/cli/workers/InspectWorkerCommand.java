package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetWorkerRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows one worker. */
@Command(name = "inspect", aliases = "get", description = "Show a worker.")
final class InspectWorkerCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  InspectWorkerCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetWorkerRequest.newBuilder().setWorker(worker).build();
    var response = session.call(() -> session.controlPlane().workers().getWorker(request));
    session.answer(
        response, () -> WorkerText.details(response.getWorker(), session.clock().instant()));
  }
}
