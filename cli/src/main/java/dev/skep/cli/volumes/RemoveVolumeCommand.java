package dev.skep.cli.volumes;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeleteVolumeRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes a volume with its data. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Delete a volume with its data, for good; refused while something uses it.")
final class RemoveVolumeCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "VOLUME", description = "SERVICE.NAME or id.")
  String volume = "";

  @Option(
      names = {"--yes", "-y", "--force", "-f"},
      description = "Do not ask.")
  boolean yes;

  RemoveVolumeCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("volume", volume, yes);
    var request = DeleteVolumeRequest.newBuilder().setVolume(volume).build();
    var response = session.call(() -> session.controlPlane().volumes().deleteVolume(request));
    session.answer(response, () -> volume + " is being deleted\n");
  }
}
