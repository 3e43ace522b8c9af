package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.SetMemberRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives an account a role. */
@Command(
    name = "set",
    aliases = "add",
    description = "Give an account a role; adds it when it is no member yet.")
final class SetMemberCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "USER", description = "Name or id.")
  String user = "";

  @Mixin RoleOption role = new RoleOption();

  SetMemberCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = SetMemberRequest.newBuilder().setUser(user).setRole(role.role()).build();
    var response = session.call(() -> session.controlPlane().members().setMember(request));
    session.answer(response, () -> response.getMember().getUserName() + " is " + role.name + "\n");
  }
}
