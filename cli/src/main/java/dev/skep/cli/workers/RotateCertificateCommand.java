package dev.skep.cli.workers;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.GetWorkerRequest;
import dev.skep.v1.RotateWorkerCertificateRequest;
import dev.skep.v1.RotateWorkerCertificateResponse;
import dev.skep.v1.Worker;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Has an agent make a fresh key and get a fresh certificate. */
@Command(
    name = "rotate-certificate",
    description = "Have the agent of a worker make a fresh key and get a fresh certificate now.")
final class RotateCertificateCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Mixin WaitOptions wait = new WaitOptions();

  RotateCertificateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request = RotateWorkerCertificateRequest.newBuilder().setWorker(worker).build();
    var response =
        session.call(() -> session.controlPlane().workers().rotateWorkerCertificate(request));
    if (!wait.wanted()) {
      session.answer(response, () -> worker + " will renew its certificate\n");
      return;
    }
    var renewed =
        wait.waiter(session).until("worker " + worker + " to renew its certificate", this::renewed);
    var answer = RotateWorkerCertificateResponse.newBuilder().setWorker(renewed);
    session.answer(answer, () -> worker + " has a fresh key and certificate\n");
  }

  private Optional<Worker> renewed() {
    var request = GetWorkerRequest.newBuilder().setWorker(worker).build();
    return Optional.of(session.controlPlane().workers().getWorker(request).getWorker())
        .filter(w -> !w.getCertificateRenewing());
  }
}
