package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateOrganizationRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an organization. */
@Command(name = "create", description = "Make an organization.")
final class CreateOrgCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the organization.")
  String name = "";

  @Option(
      names = "--admin",
      paramLabel = "USER",
      defaultValue = "",
      description = "Who administers it (you).")
  String admin = "";

  CreateOrgCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = CreateOrganizationRequest.newBuilder().setName(name).setAdmin(admin).build();
    var response =
        session.call(() -> session.controlPlane().organizations().createOrganization(request));
    session.answer(
        response, () -> "organization " + name + " is made; act in it with --org " + name + "\n");
  }
}
