package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreatePasswordCodeRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a code with which somebody sets a password. */
@Command(
    name = "password-code",
    description = "Make a code with which an account's owner sets a password, once.")
final class CreatePasswordCodeCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "USER", description = "Name or id.")
  String user = "";

  CreatePasswordCodeCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = CreatePasswordCodeRequest.newBuilder().setUser(user).build();
    var response = session.call(() -> session.controlPlane().users().createPasswordCode(request));
    session.answer(
        response,
        () ->
            PasswordCodeText.of(response.getPasswordCode(), session.controlPlane().target().url()));
  }
}
