package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.SetGrantRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Gives a member a role on a service. */
@Command(
    name = "add",
    aliases = "set",
    description = "Give a member the role viewer, operator or deployer on one service.")
final class AddGrantCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "SERVICE", description = "Name or id.")
  String service = "";

  @Option(
      names = "--user",
      required = true,
      paramLabel = "USER",
      description = "Name or id of the member.")
  String user = "";

  @Mixin RoleOption role = new RoleOption();

  AddGrantCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request =
        SetGrantRequest.newBuilder().setService(service).setUser(user).setRole(role.role()).build();
    var grant = session.call(() -> session.controlPlane().grants().setGrant(request)).getGrant();
    session.answer(
        grant,
        () -> grant.getUserName() + " is " + role.name + " of " + grant.getServiceName() + "\n");
  }
}
