package dev.skep.cli.secrets;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeleteSecretRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes a secret. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Delete a secret with all versions; refused while a service uses it.")
final class RemoveSecretCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SECRET", description = "Name or id.")
  String secret = "";

  @Option(
      names = {"--yes", "-y", "--force", "-f"},
      description = "Do not ask.")
  boolean yes;

  RemoveSecretCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("secret", secret, yes);
    var request = DeleteSecretRequest.newBuilder().setSecret(secret).build();
    var response = session.call(() -> session.controlPlane().secrets().deleteSecret(request));
    session.answer(response, () -> secret + " is deleted\n");
  }
}
