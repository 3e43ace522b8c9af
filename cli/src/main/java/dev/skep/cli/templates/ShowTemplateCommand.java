package dev.skep.cli.templates;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.GetTemplateRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a template. */
@Command(
    name = "show",
    aliases = "inspect",
    description = "Show a template's variables and what it makes.")
final class ShowTemplateCommand extends SessionCommand {
  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "Name or id.")
  String template = "";

  @Option(
      names = "--yaml",
      description = "As a file for templates create, to make one of your own from it.")
  boolean yaml;

  ShowTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var request = GetTemplateRequest.newBuilder().setTemplate(template).build();
    var found =
        session.call(() -> session.controlPlane().templates().getTemplate(request)).getTemplate();
    if (yaml) {
      var file =
          CreateTemplateRequest.newBuilder().setName(found.getName()).setSpec(found.getSpec());
      session.print(TemplateFile.write(file.build()).stripTrailing());
    } else {
      session.answer(found, () -> TemplateText.details(found, session.width()));
    }
  }
}
