package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RevokeTokenRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Revokes a token. */
@Command(
    name = "rm",
    aliases = {"revoke", "delete"},
    description = "Revoke a token; it is refused from now on.")
final class RevokeTokenCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "ID", description = "Id of the token.")
  String token = "";

  RevokeTokenCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = RevokeTokenRequest.newBuilder().setToken(token).build();
    var response = session.call(() -> session.controlPlane().tokens().revokeToken(request));
    session.answer(response, () -> "token " + token + " is revoked\n");
  }
}
