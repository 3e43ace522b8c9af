package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.UncordonWorkerRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Takes back a cordon or a drain. */
@Command(
    name = "uncordon",
    aliases = "activate",
    description = "Let a worker take replicas again; takes back a cordon or a drain.")
final class UncordonCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  UncordonCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = UncordonWorkerRequest.newBuilder().setWorker(worker).build();
    var response = session.call(() -> session.controlPlane().workers().uncordonWorker(request));
    session.answer(response, () -> worker + " takes replicas again\n");
  }
}
