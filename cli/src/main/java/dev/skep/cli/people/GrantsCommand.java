package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code services grants}. */
@Command(name = "grants", description = "What members may do on one service, beside their role.")
public final class GrantsCommand {
  private GrantsCommand() {}

  /** With its verbs. */
  public static CommandLine with(Session session) {
    return new CommandLine(new GrantsCommand())
        .addSubcommand(new ListGrantsCommand(session))
        .addSubcommand(new AddGrantCommand(session))
        .addSubcommand(new RemoveGrantCommand(session));
  }
}
