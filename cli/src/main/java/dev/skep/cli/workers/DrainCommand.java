package dev.skep.cli.workers;

import com.google.protobuf.Duration;
import dev.skep.cli.client.Waiter;
import dev.skep.cli.parse.Durations;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.DrainWorkerRequest;
import dev.skep.v1.DrainWorkerResponse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves every replica of a worker elsewhere. */
@Command(
    name = "drain",
    description = "Move every replica of a worker to others, started there before it stops here.")
final class DrainCommand extends SessionCommand {
  /** For the last replicas to go when they are taken down at the deadline. */
  private static final java.time.Duration AFTER_DEADLINE = java.time.Duration.ofSeconds(30);

  @Parameters(index = "0", paramLabel = "WORKER", description = "Name or id.")
  String worker = "";

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "How long replicas may take to move, for example 10m (as long as it takes).")
  @Nullable String deadline;

  @Option(
      names = "--force",
      description = "Take down what is left at the deadline, without replacement.")
  boolean force;

  @Mixin WaitOptions wait = new WaitOptions();

  DrainCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request = request();
    var response = session.call(() -> session.controlPlane().workers().drainWorker(request));
    if (!wait.wanted()) {
      session.answer(response, () -> worker + " is draining\n");
      return;
    }
    var progress = new DrainProgress(session, worker);
    var drained = waiter().until("worker " + worker + " to drain", progress::poll);
    var answer = DrainWorkerResponse.newBuilder().setWorker(drained);
    session.answer(answer, () -> worker + " is drained\n");
  }

  private DrainWorkerRequest request() {
    var request = DrainWorkerRequest.newBuilder().setWorker(worker).setForce(force);
    if (deadline != null) {
      request.setDeadline(Duration.newBuilder().setSeconds(Durations.parse(deadline).toSeconds()));
    }
    return request.build();
  }

  /** Until the deadline, when there is one. */
  private Waiter waiter() {
    if (deadline == null) {
      return wait.waiter(session);
    }
    var time = Durations.parse(deadline);
    return new Waiter(
        session.controlPlane(), session.clock(), force ? time.plus(AFTER_DEADLINE) : time);
  }
}
