package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code roles}. */
@Command(name = "roles", description = "What each role may do.")
public final class RolesCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListRolesCommand(session));
  }
}
