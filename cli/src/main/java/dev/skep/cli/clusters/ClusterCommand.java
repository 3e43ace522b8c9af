package dev.skep.cli.clusters;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code cluster}. */
@Command(
    name = "cluster",
    aliases = "clusters",
    description = "The Swarm under all workers, and who manages it.")
public final class ClusterCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListClustersCommand(session))
        .addSubcommand(new StatusCommand(session))
        .addSubcommand(new RecoverCommand(session));
  }
}
