package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateUserRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an account of a person. */
@Command(
    name = "create",
    description = "Make an account; it may do nothing until it is a member somewhere.")
final class CreateUserCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the account.")
  String name = "";

  @Option(
      names = "--platform-admin",
      description = "Let it run machines, organizations and accounts.")
  boolean platformAdmin;

  CreateUserCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        CreateUserRequest.newBuilder().setName(name).setPlatformAdmin(platformAdmin).build();
    var response = session.call(() -> session.controlPlane().users().createUser(request));
    session.answer(
        response,
        () ->
            "account "
                + name
                + " is made; give it a role: skep members set "
                + name
                + " --role ROLE\n"
                + PasswordCodeText.of(
                    response.getPasswordCode(), session.controlPlane().target().url()));
  }
}
