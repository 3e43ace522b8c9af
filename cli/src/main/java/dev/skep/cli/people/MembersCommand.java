package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code members}. */
@Command(name = "members", description = "Who belongs to the organization, and with which role.")
public final class MembersCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListMembersCommand(session))
        .addSubcommand(new SetMemberCommand(session))
        .addSubcommand(new InviteCommand(session))
        .addSubcommand(new RemoveMemberCommand(session))
        .addSubcommand(new CreateProgramCommand(session));
  }
}
