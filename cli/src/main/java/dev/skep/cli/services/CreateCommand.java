package dev.skep.cli.services;

import dev.skep.cli.format.Terminal;
import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.ServiceSpec;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Creates a service and waits until it runs. */
@Command(name = "create", description = "Create a service and wait until it runs.")
final class CreateCommand extends SessionCommand {
  @Mixin SpecOptions spec = new SpecOptions();
  @Mixin WaitOptions wait = new WaitOptions();

  CreateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    if (spec.image == null) {
      throw CliException.usage("a service needs an image", "add --image registry/name:tag");
    }
    var request = request();
    var response = session.call(() -> session.controlPlane().services().createService(request));
    response.getWarningsList().forEach(warning -> session.progress(Terminal.safe(warning)));
    if (!wait.wanted()) {
      session.answer(response, () -> ServiceText.summary(response.getService()));
      return;
    }
    var rollout = new Rollout(session, wait);
    rollout.awaitRunning(response.getService(), response.getDeploymentId());
    session.answer(
        response, () -> ServiceText.summary(rollout.read(response.getService().getId())));
  }

  private CreateServiceRequest request() {
    var builder = ServiceSpec.newBuilder();
    spec.applyTo(builder, session.environment());
    return CreateServiceRequest.newBuilder()
        .setName(spec.service)
        .setSpec(builder)
        .setRequestId(UUID.randomUUID().toString())
        .build();
  }
}
