package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.LogoutRequest;
import picocli.CommandLine.Command;

/** Ends the session and forgets it; the context keeps its server. */
@Command(name = "logout", description = "Sign out; the context keeps its server.")
public final class LogoutCommand extends SessionCommand {
  public LogoutCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = LogoutRequest.getDefaultInstance();
    var response = session.call(() -> session.controlPlane().account().logout(request));
    var target = session.controlPlane().target();
    var file = session.configFile();
    if (target.token() != null) {
      file.save(file.load().replacing(target.token(), null));
    }
    session.answer(response, () -> "logged out of " + target.url() + "\n");
  }
}
