package dev.skep.cli.services;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code services}. */
@Command(
    name = "services",
    aliases = "service",
    description = "What your organization keeps running.")
public final class ServicesCommand {
  /** Adds the verbs; left out when another noun was called, because each one costs start-up. */
  public static CommandLine with(CommandLine noun, Session session) {
    noun.addSubcommand(new CreateCommand(session))
        .addSubcommand(new ListCommand(session))
        .addSubcommand(new InspectCommand(session))
        .addSubcommand(new UpdateCommand(session))
        .addSubcommand(new PlanCommand(session))
        .addSubcommand(new ExplainCommand(session))
        .addSubcommand(new ScaleCommand(session))
        .addSubcommand(new RollBackCommand(session))
        .addSubcommand(new ReleasesCommand(session))
        .addSubcommand(new MigrateCommand(session))
        .addSubcommand(new LogsCommand(session))
        .addSubcommand(new RemoveCommand(session));
    for (var transition : Transition.values()) {
      var verb = new CommandLine(new TransitionCommand(session, transition));
      verb.getCommandSpec().usageMessage().description(transition.description());
      noun.addSubcommand(transition.word(), verb);
    }
    return noun;
  }
}
