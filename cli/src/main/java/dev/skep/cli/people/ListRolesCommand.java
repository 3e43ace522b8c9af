package dev.skep.cli.people;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.ListRolesRequest;
import picocli.CommandLine.Command;

/** Lists roles and what each may do. */
@Command(name = "ls", aliases = "list", description = "List roles and what each may do.")
final class ListRolesCommand extends SessionCommand {
  ListRolesCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = ListRolesRequest.getDefaultInstance();
    var response = session.call(() -> session.controlPlane().members().listRoles(request));
    var table = Table.of("ROLE", "MAY~");
    response
        .getRolesList()
        .forEach(
            role ->
                table.row(
                    Humans.word(role.getRole(), "ROLE_"),
                    Permissions.words(role.getPermissionsList())));
    session.answerTable(response, () -> table);
  }
}
