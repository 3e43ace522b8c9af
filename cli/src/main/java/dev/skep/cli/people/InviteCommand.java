package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateInvitationRequest;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes an invitation. */
@Command(name = "invite", description = "Make an invitation, for seven days and one person.")
final class InviteCommand extends SessionCommand {
  @Mixin RoleOption role = new RoleOption();

  @Option(
      names = "--email",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "For whom, as a note for the list; nothing is sent.")
  String email = "";

  InviteCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = CreateInvitationRequest.newBuilder().setRole(role.role()).setEmail(email).build();
    var response =
        session.call(() -> session.controlPlane().invitations().createInvitation(request));
    session.answer(
        response,
        () ->
            """
            give this to one person; it is good until %s:
              %s
            or, for the command line:
              skep accept %s --server %s
            """
                .formatted(
                    Humans.localTime(
                        response.getInvitation().getExpireTime(), ZoneId.systemDefault()),
                    response.getUrl(),
                    response.getCode(),
                    session.controlPlane().target().url()));
  }
}
