package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeleteWorkerRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes a worker for good. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Remove a worker: its certificate is refused from now on.")
final class RemoveWorkerCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Option(
      names = {"--force", "-f", "--yes", "-y"},
      description = "Do not ask.")
  boolean force;

  RemoveWorkerCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("worker", worker, force);
    var request = DeleteWorkerRequest.newBuilder().setWorker(worker).build();
    var response = session.call(() -> session.controlPlane().workers().deleteWorker(request));
    session.answer(response, () -> worker + " is removed\n");
  }
}
