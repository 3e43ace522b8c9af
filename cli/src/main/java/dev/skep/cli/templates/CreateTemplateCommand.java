package dev.skep.cli.templates;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.CreatePlatformTemplateRequest;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.Template;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a template from a file. */
@Command(
    name = "create",
    description =
        "Make a template from a file; with a name that begins with skep. one for everybody (platform"
            + " admins).")
final class CreateTemplateCommand extends SessionCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "TEMPLATE",
      description = "Name (the one in the file).")
  @Nullable String name;

  @Option(
      names = {"--file", "-f"},
      required = true,
      paramLabel = "FILE",
      description = "YAML or JSON with name and spec; - is standard input.")
  String file = "";

  CreateTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var read = TemplateFile.read(session, file);
    var template = name == null ? read : read.toBuilder().setName(name).build();
    var made = session.call(() -> create(template));
    session.answer(
        made,
        () ->
            made.getName()
                + " is there; deploy it: skep templates deploy "
                + made.getName()
                + " --name NAME\n");
  }

  private Template create(CreateTemplateRequest template) {
    var templates = session.controlPlane().templates();
    if (!template.getName().startsWith(RemoveTemplateCommand.PLATFORM)) {
      return templates.createTemplate(template).getTemplate();
    }
    return templates
        .createPlatformTemplate(
            CreatePlatformTemplateRequest.newBuilder()
                .setName(template.getName())
                .setSpec(template.getSpec())
                .build())
        .getTemplate();
  }
}
