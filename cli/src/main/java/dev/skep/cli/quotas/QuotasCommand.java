package dev.skep.cli.quotas;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code quotas}; without a verb it lists them. */
@Command(name = "quotas", description = "How much the organization may take, and takes.")
public final class QuotasCommand extends SessionCommand {
  public QuotasCommand(Session session) {
    super(session);
  }

  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListQuotasCommand(session))
        .addSubcommand(new SetQuotasCommand(session))
        .addSubcommand(new EndOverrideCommand(session));
  }

  @Override
  protected void run() {
    new ListQuotasCommand(session).run();
  }
}
