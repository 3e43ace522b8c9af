package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ChangePasswordRequest;
import dev.skep.v1.SetPasswordRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Changes one's own password, or sets it with a code. */
@Command(
    name = "passwd",
    description = {
      "Change your password, or set it with a code that an admin gave you.",
      "Everybody who is signed in to the account has to sign in again. Without a terminal the"
          + " answers come from standard input, one a line."
    })
public final class PasswdCommand extends SessionCommand {
  @Option(names = "--code", description = "Set it with a code, which is asked for.")
  boolean code;

  public PasswdCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    if (code) {
      set();
    } else {
      change();
    }
  }

  private void set() {
    var request =
        SetPasswordRequest.newBuilder()
            .setCode(session.askSecret("Code"))
            .setPassword(session.askNewSecret("New password"))
            .build();
    var response = session.call(() -> session.controlPlane().account().setPassword(request));
    session.answer(
        response,
        () ->
            "the password of %s is set; sign in: skep login --server %s --user %s%n"
                .formatted(
                    response.getUserName(),
                    session.controlPlane().target().url(),
                    response.getUserName()));
  }

  private void change() {
    var request =
        ChangePasswordRequest.newBuilder()
            .setCurrentPassword(session.askSecret("Current password"))
            .setNewPassword(session.askNewSecret("New password"))
            .build();
    var response = session.call(() -> session.controlPlane().account().changePassword(request));
    var file = session.configFile();
    var old = session.controlPlane().target().token();
    if (old != null) {
      file.save(file.load().replacing(old, response.getSessionToken()));
    }
    session.answer(
        response.toBuilder().clearSessionToken(),
        () -> "the password is changed; other sessions have ended\n");
  }
}
