package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ConfirmIdentityRequest;
import picocli.CommandLine.Command;

/** Proves again who somebody is. */
@Command(
    name = "confirm",
    description =
        "Give your password or a code again; for ten minutes that is enough for what is"
            + " hard to undo.")
public final class ConfirmCommand extends SessionCommand {
  public ConfirmCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var given = session.askSecret("Password or code");
    var request = ConfirmIdentityRequest.newBuilder();
    if (given.matches("\\d{6}")) {
      request.setCode(given);
    } else {
      request.setPassword(given);
    }
    var response =
        session.call(() -> session.controlPlane().account().confirmIdentity(request.build()));
    session.answer(response, () -> "confirmed for ten minutes\n");
  }
}
