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

  UpdateUserCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = UpdateUserRequest.newBuilder().setUser(user);
    if (disabled == null && platformAdmin == null) {
      throw CliException.usage("nothing to change", "give --disabled or --platform-admin");
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
