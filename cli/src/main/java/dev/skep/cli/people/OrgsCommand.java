package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code orgs}. */
@Command(
    name = "orgs",
    aliases = "organizations",
    description = "Organizations: who shares the machines without seeing each other.")
public final class OrgsCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListOrgsCommand(session))
        .addSubcommand(new CreateOrgCommand(session))
        .addSubcommand(new RemoveOrgCommand(session));
  }
}
