package dev.skep.cli.templates;

import dev.skep.cli.session.Session;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The noun {@code templates}. */
@Command(
    name = "templates",
    aliases = "template",
    description = "Services with blanks, deployed together.")
public final class TemplatesCommand {
  /** Adds the verbs. */
  public static CommandLine with(CommandLine noun, Session session) {
    return noun.addSubcommand(new ListTemplatesCommand(session))
        .addSubcommand(new ShowTemplateCommand(session))
        .addSubcommand(new PlanTemplateCommand(session))
        .addSubcommand(new DeployTemplateCommand(session))
        .addSubcommand(new CreateTemplateCommand(session))
        .addSubcommand(new ExportTemplateCommand(session))
        .addSubcommand(new UpdateTemplateCommand(session))
        .addSubcommand(new RemoveTemplateCommand(session));
  }
}
