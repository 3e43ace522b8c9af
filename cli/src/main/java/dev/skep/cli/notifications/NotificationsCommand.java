package dev.skep.cli.notifications;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code notifications}. */
@Command(name = "notifications", description = "What happened that somebody should know.")
public final class NotificationsCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListNotificationsCommand(session));
  }
}
