package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.cli.session.WaitOptions;
import dev.skep.v1.DeleteServiceRequest;
import dev.skep.v1.GetServiceRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes a service and waits until its last replica is gone. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Remove a service for good.")
final class RemoveCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = {"--force", "-f", "--yes", "-y"},
      description = "Do not ask.")
  boolean force;

  @Mixin WaitOptions wait = new WaitOptions();

  RemoveCommand(Session session) {
    super(session);
  }

  /** By id from here on: the name is free again before the last replica is gone. */
  @Override
  protected void run() throws InterruptedException {
    session.confirm("service", service, force);
    var services = session.controlPlane();
    var found =
        session
            .call(
                () ->
                    services
                        .services()
                        .getService(GetServiceRequest.newBuilder().setService(service).build()))
            .getService();
    var request = DeleteServiceRequest.newBuilder().setService(found.getId()).build();
    var response = session.call(() -> services.services().deleteService(request));
    if (wait.wanted()) {
      new Rollout(session, wait).awaitGone(found.getId());
    }
    session.answer(response, () -> found.getName() + " is removed\n");
  }
}
