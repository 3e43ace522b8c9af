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
      names = {"--force", "-f"},
      description =
          "Do not ask, and give up the replicas of a lost worker: data that only it has is gone, and"
              + " should the machine still run, so do they until somebody stops it.")
  boolean force;

  @Option(
      names = {"--yes", "-y"},
      description = "Do not ask.")
  boolean yes;

  RemoveWorkerCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("worker", worker, force || yes);
    var request = DeleteWorkerRequest.newBuilder().setWorker(worker).setForce(force).build();
    var response = session.call(() -> session.controlPlane().workers().deleteWorker(request));
    session.answer(response, () -> text(response.getReplicas()));
  }

  private String text(int replicas) {
    return worker
        + " is removed"
        + (replicas == 0 ? "" : "; " + WorkerText.replicas(replicas) + " given up")
        + "\n";
  }
}
