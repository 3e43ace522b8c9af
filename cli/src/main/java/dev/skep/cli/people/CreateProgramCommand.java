package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateServiceAccountRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an account for a program. */
@Command(
    name = "create-program",
    description = "Make an account for a program, which signs in with tokens.")
final class CreateProgramCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the program.")
  String name = "";

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "viewer, deployer, operator, admin or billing.")
  String role = "";

  CreateProgramCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        CreateServiceAccountRequest.newBuilder()
            .setName(name)
            .setRole(RoleNames.parse(role))
            .build();
    var response =
        session.call(() -> session.controlPlane().members().createServiceAccount(request));
    session.answer(
        response,
        () ->
            name
                + " is "
                + role
                + "; give it a token: skep tokens create NAME --of "
                + name
                + "\n");
  }
}
