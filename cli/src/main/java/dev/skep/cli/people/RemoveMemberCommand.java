package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.RemoveMemberRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends a membership. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "End a membership, with its tokens.")
final class RemoveMemberCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "USER", description = "Name or id.")
  String user = "";

  @Option(
      names = {"--force", "-f"},
      description = "Do not ask.")
  boolean force;

  RemoveMemberCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("member", user, force);
    var request = RemoveMemberRequest.newBuilder().setUser(user).build();
    var response = session.call(() -> session.controlPlane().members().removeMember(request));
    session.answer(response, () -> user + " is no member any more\n");
  }
}
