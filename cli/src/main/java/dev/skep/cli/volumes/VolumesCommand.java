package dev.skep.cli.volumes;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code volumes}. */
@Command(name = "volumes", aliases = "volume", description = "The data that services keep.")
public final class VolumesCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListVolumesCommand(session))
        .addSubcommand(new ShowVolumeCommand(session))
        .addSubcommand(new RemoveVolumeCommand(session));
  }
}
