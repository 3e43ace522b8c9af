package dev.skep.cli.workers;

import dev.skep.cli.format.Humans;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.UpdateWorkerResponse;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Changes the labels of a worker; what may run there changes with them. */
@Command(name = "label", description = "Set labels of a worker, or take them away with KEY-.")
final class LabelCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "KEY=VALUE",
      description = "What to set; with - at the end, what to take away.")
  List<String> words = List.of();

  LabelCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var response = session.call(this::change);
    session.answer(
        response,
        () ->
            worker + " has the labels " + Humans.pairs(response.getWorker().getLabelsMap()) + "\n");
  }

  private UpdateWorkerResponse change() {
    var workers = session.controlPlane().workers();
    var current = workers.getWorker(GetWorkerRequest.newBuilder().setWorker(worker).build());
    return workers.updateWorker(WorkerChange.labels(current.getWorker(), words));
  }
}
