package dev.skep.cli.templates;

import dev.skep.cli.client.DeploymentWatch;
import dev.skep.cli.format.Terminal;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.DeployTemplateRequest;
import dev.skep.v1.DeployTemplateResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Service;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Deploys a template and waits until all of it runs. */
@Command(
    name = "deploy",
    description = "Create all services and secrets of a template, and wait until they run.")
final class DeployTemplateCommand extends SessionCommand {
  @Mixin ValueOptions values = new ValueOptions();
  @Mixin WaitOptions wait = new WaitOptions();

  DeployTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() throws InterruptedException {
    var request =
        DeployTemplateRequest.newBuilder()
            .setTemplate(values.template)
            .setName(values.name)
            .putAllVariables(values.read(session))
            .setRequestId(UUID.randomUUID().toString())
            .build();
    var made = session.call(() -> session.controlPlane().templates().deployTemplate(request));
    made.getWarningsList().forEach(warning -> session.progress(Terminal.safe(warning)));
    var shown = wait.wanted() ? awaited(made) : made;
    session.answer(
        shown,
        () -> TemplateText.made(shown.getServicesList(), shown.getSecretsList(), session.width()));
  }

  /** With the services as they are when all of them run. */
  private DeployTemplateResponse awaited(DeployTemplateResponse made) throws InterruptedException {
    for (var service : made.getServicesList()) {
      new DeploymentWatch(
              session.controlPlane(),
              service.getId(),
              service.getStatus().getDeploymentId(),
              event ->
                  session.progress(
                      "  " + service.getName() + ": " + Terminal.safe(event.getMessage())))
          .await(wait.waiter(session));
    }
    return made.toBuilder()
        .clearServices()
        .addAllServices(made.getServicesList().stream().map(this::now).toList())
        .build();
  }

  private Service now(Service service) {
    var request = GetServiceRequest.newBuilder().setService(service.getId()).build();
    return session.call(() -> session.controlPlane().services().getService(request)).getService();
  }
}
