package dev.skep.cli.secrets;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code secrets}. */
@Command(
    name = "secrets",
    aliases = "secret",
    description = "Values that services get and nobody can read.")
public final class SecretsCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListSecretsCommand(session))
        .addSubcommand(new ShowSecretCommand(session))
        .addSubcommand(new CreateSecretCommand(session))
        .addSubcommand(new RotateSecretCommand(session))
        .addSubcommand(new RemoveSecretCommand(session));
  }
}
