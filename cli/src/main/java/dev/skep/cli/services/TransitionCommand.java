package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Deploys, restarts, stops or starts a service. */
@Command
final class TransitionCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Mixin WaitOptions wait = new WaitOptions();

  private final Transition transition;

  TransitionCommand(Session session, Transition transition) {
    super(session);
    this.transition = transition;
  }

  @Override
  protected void run() throws InterruptedException {
    var outcome = session.call(() -> transition.apply(session.controlPlane().services(), service));
    if (!wait.wanted()) {
      session.answer(outcome.response(), () -> ServiceText.summary(outcome.service()));
      return;
    }
    var rollout = new Rollout(session, wait);
    if (transition == Transition.STOP) {
      rollout.awaitStopped(outcome.service());
    } else {
      rollout.awaitRunning(outcome.service(), outcome.service().getStatus().getDeploymentId());
    }
    session.answer(outcome.response(), () -> ServiceText.summary(rollout.read(service)));
  }
}
