package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CordonWorkerRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Keeps new replicas away from a worker. */
@Command(
    name = "cordon",
    description = "Let no new replicas come to a worker; those that are there stay.")
final class CordonCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  CordonCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = CordonWorkerRequest.newBuilder().setWorker(worker).build();
    var response = session.call(() -> session.controlPlane().workers().cordonWorker(request));
    session.answer(
        response,
        () ->
            worker
                + " takes no new replicas; "
                + WorkerText.replicas(response.getWorker().getReplicas())
                + " stay\n");
  }
}
