package dev.skep.cli.secrets;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateSecretRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes a secret. */
@Command(
    name = "create",
    description = "Make a secret; its value comes from standard input or a file.")
final class CreateSecretCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "Name, for example db-password.")
  String name = "";

  @Mixin ValueOptions value = new ValueOptions();

  CreateSecretCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        CreateSecretRequest.newBuilder().setName(name).setValue(value.read(session)).build();
    var response = session.call(() -> session.controlPlane().secrets().createSecret(request));
    session.answer(
        response,
        () -> name + " is there; use it: skep services update SERVICE --secret " + name + "\n");
  }
}
