package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code deployments}. */
@Command(
    name = "deployments",
    aliases = "deployment",
    description = "Attempts to make a release the running one.")
public final class DeploymentsCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListDeploymentsCommand(session))
        .addSubcommand(new CancelDeploymentCommand(session));
  }
}
