package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code users}. */
@Command(name = "users", description = "Accounts of people, over all organizations.")
public final class UsersCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListUsersCommand(session))
        .addSubcommand(new CreateUserCommand(session))
        .addSubcommand(new CreatePasswordCodeCommand(session))
        .addSubcommand(new UpdateUserCommand(session));
  }
}
