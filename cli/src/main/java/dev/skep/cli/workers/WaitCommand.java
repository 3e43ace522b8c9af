package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.GetWorkerResponse;
import dev.skep.v1.WorkerState;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Waits until a worker is online; one that has not joined yet is waited for, too. */
@Command(name = "wait", description = "Wait until a worker has joined and is online.")
final class WaitCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Mixin WaitOptions wait = new WaitOptions();

  WaitCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var response =
        wait.waiter(session).until("worker " + worker + " to come online", this::findOnline);
    session.answer(response, () -> worker + " is online\n");
  }

  private Optional<GetWorkerResponse> findOnline() {
    var request = GetWorkerRequest.newBuilder().setWorker(worker).build();
    try {
      return Optional.of(session.controlPlane().workers().getWorker(request))
          .filter(r -> r.getWorker().getState() == WorkerState.WORKER_STATE_ONLINE);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
