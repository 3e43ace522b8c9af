package dev.skep.cli.access;

import dev.skep.cli.session.Session;
import dev.skep.v1.ConfirmTotpRequest;
import dev.skep.v1.DisableTotpRequest;
import dev.skep.v1.EnrollTotpRequest;
import picocli.CommandLine.Command;

/** The noun {@code totp}. */
@Command(name = "totp", description = "A second factor for your logins: codes of an app.")
public final class TotpCommand {
  private final Session session;

  public TotpCommand(Session session) {
    this.session = session;
  }

  @Command(name = "enable", description = "Set up an app that shows codes, and switch it on.")
  void enable() {
    var request = EnrollTotpRequest.getDefaultInstance();
    var begun = session.call(() -> session.controlPlane().account().enrollTotp(request));
    session.progress("add this to your app, as text or as QR code:");
    session.progress("  " + begun.getSecret());
    session.progress("  " + begun.getUri());
    var confirm =
        ConfirmTotpRequest.newBuilder().setCode(session.askSecret("Code that it shows")).build();
    var response = session.call(() -> session.controlPlane().account().confirmTotp(confirm));
    session.answer(
        response,
        () ->
            "the second factor is on. Keep these codes for when the app is gone, each is good for one"
                + " login:\n  "
                + String.join("\n  ", response.getRecoveryCodesList())
                + "\n");
  }

  @Command(name = "disable", description = "Switch it off; asks for your password.")
  void disable() {
    var request =
        DisableTotpRequest.newBuilder().setPassword(session.askSecret("Password")).build();
    var response = session.call(() -> session.controlPlane().account().disableTotp(request));
    session.answer(response, () -> "the second factor is off\n");
  }
}
