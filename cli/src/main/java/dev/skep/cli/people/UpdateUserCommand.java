package dev.skep.cli.people;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.UpdateUserRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Disables or enables an account, or changes whether it runs the platform. */
@Command(
    name = "update",
    description = "Disable or enable an account, make it a platform admin or not.")
final class UpdateUserCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "USER", description = "Name or id.")
  String user = "";

  @Option(names = "--disabled", arity = "1", paramLabel = "BOOL", description = "true or false.")
  @Nullable Boolean disabled;

  @Option(
      names = "--platform-admin",
      arity = "1",
      paramLabel = "BOOL",
      description = "true or false.")
  @Nullable Boolean platformAdmin;

  @Option(
      names = "--disable-totp",
      description = "Switch the second factor off, for somebody who has lost it.")
  boolean disableTotp;

  UpdateUserCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = UpdateUserRequest.newBuilder().setUser(user).setDisableTotp(disableTotp);
    if (disabled == null && platformAdmin == null && !disableTotp) {
      throw CliException.usage(
          "nothing to change", "give --disabled, --platform-admin or --disable-totp");
    }
    if (disabled != null) {
      request.setDisabled(disabled);
    }
    if (platformAdmin != null) {
      request.setPlatformAdmin(platformAdmin);
    }
    var response = session.call(() -> session.controlPlane().users().updateUser(request.build()));
    session.answer(
        response,
        () -> user + " is " + (response.getUser().getDisabled() ? "disabled" : "active") + "\n");
  }
}
