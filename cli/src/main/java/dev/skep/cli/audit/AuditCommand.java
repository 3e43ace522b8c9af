package dev.skep.cli.audit;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code audit}. */
@Command(name = "audit", description = "Who changed what, or tried to.")
public final class AuditCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new TailCommand(session)).addSubcommand(new VerifyCommand(session));
  }
}
