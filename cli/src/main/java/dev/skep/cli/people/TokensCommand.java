package dev.skep.cli.people;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code tokens}. */
@Command(name = "tokens", description = "Tokens that sign calls.")
public final class TokensCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListTokensCommand(session))
        .addSubcommand(new CreateTokenCommand(session))
        .addSubcommand(new RevokeTokenCommand(session));
  }
}
