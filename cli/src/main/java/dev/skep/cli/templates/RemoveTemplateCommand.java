package dev.skep.cli.templates;

import com.google.protobuf.Message;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.DeletePlatformTemplateRequest;
import dev.skep.v1.DeleteTemplateRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes a template. */
@Command(
    name = "rm",
    aliases = {"remove", "delete"},
    description = "Delete a template; what was deployed from it stays as it is.")
final class RemoveTemplateCommand extends SessionCommand {
  /** How names of the platform's begin. */
  static final String PLATFORM = "skep.";

  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "Name or id.")
  String template = "";

  @Option(
      names = {"--yes", "-y", "--force", "-f"},
      description = "Do not ask.")
  boolean yes;

  RemoveTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    session.confirm("template", template, yes);
    var response = session.call(this::delete);
    session.answer(response, () -> template + " is deleted\n");
  }

  private Message delete() {
    var templates = session.controlPlane().templates();
    return template.startsWith(PLATFORM)
        ? templates.deletePlatformTemplate(
            DeletePlatformTemplateRequest.newBuilder().setTemplate(template).build())
        : templates.deleteTemplate(
            DeleteTemplateRequest.newBuilder().setTemplate(template).build());
  }
}
