package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RemoveGrantRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a grant away. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Take a grant away; what the member's role allows stays.")
final class RemoveGrantCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = "--user",
      required = true,
      paramLabel = "USER",
      description = "Name or id of the member.")
  String user = "";

  RemoveGrantCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = RemoveGrantRequest.newBuilder().setService(service).setUser(user).build();
    var response = session.call(() -> session.controlPlane().grants().removeGrant(request));
    session.answer(response, () -> user + " has no grant on " + service + " any more\n");
  }
}
