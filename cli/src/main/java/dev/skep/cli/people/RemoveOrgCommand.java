package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeleteOrganizationRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes an organization. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description =
        "Delete an organization without services and volumes, with its programs and tokens.")
final class RemoveOrgCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "Name or id.")
  String organization = "";

  @Option(
      names = {"--force", "-f"},
      description = "Do not ask.")
  boolean force;

  RemoveOrgCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("organization", organization, force);
    var request = DeleteOrganizationRequest.newBuilder().setOrganization(organization).build();
    var response =
        session.call(() -> session.controlPlane().organizations().deleteOrganization(request));
    session.answer(response, () -> organization + " is deleted\n");
  }
}
