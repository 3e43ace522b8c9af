package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateServiceAccountRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes an account for a program. */
@Command(
    name = "create-program",
    description = "Make an account for a program, which signs in with tokens.")
final class CreateProgramCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the program.")
  String name = "";

  @Mixin RoleOption role = new RoleOption();

  CreateProgramCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        CreateServiceAccountRequest.newBuilder().setName(name).setRole(role.role()).build();
    var response =
        session.call(() -> session.controlPlane().members().createServiceAccount(request));
    session.answer(
        response,
        () ->
            name
                + " is "
                + role.name
                + "; give it a token: skep tokens create NAME --of "
                + name
                + "\n");
  }
}
