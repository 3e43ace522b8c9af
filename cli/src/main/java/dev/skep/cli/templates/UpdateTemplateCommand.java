package dev.skep.cli.templates;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.FieldMask;
import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetTemplateRequest;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.UpdatePlatformTemplateRequest;
import dev.skep.v1.UpdateTemplateRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a template what a file says. */
@Command(
    name = "update",
    description = "Make a template what a file says; what was deployed from it stays as it is.")
final class UpdateTemplateCommand extends SessionCommand {
  private static final FieldMask ALL =
      FieldMask.newBuilder()
          .addAllPaths(
              TemplateSpec.getDescriptor().getFields().stream()
                  .map(FieldDescriptor::getName)
                  .toList())
          .build();

  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "Name or id.")
  String template = "";

  @Option(
      names = {"--file", "-f"},
      required = true,
      paramLabel = "FILE",
      description = "YAML or JSON with the spec; - is standard input.")
  String file = "";

  UpdateTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var spec = TemplateFile.read(session, file).getSpec();
    var request = GetTemplateRequest.newBuilder().setTemplate(template).build();
    var current =
        session.call(() -> session.controlPlane().templates().getTemplate(request)).getTemplate();
    var updated = session.call(() -> update(current, spec));
    session.answer(updated, () -> updated.getName() + " is updated\n");
  }

  private Template update(Template current, TemplateSpec spec) {
    var templates = session.controlPlane().templates();
    if (!current.getName().startsWith(RemoveTemplateCommand.PLATFORM)) {
      return templates
          .updateTemplate(
              UpdateTemplateRequest.newBuilder()
                  .setTemplate(current.getId())
                  .setSpec(spec)
                  .setUpdateMask(ALL)
                  .setEtag(current.getEtag())
                  .build())
          .getTemplate();
    }
    return templates
        .updatePlatformTemplate(
            UpdatePlatformTemplateRequest.newBuilder()
                .setTemplate(current.getId())
                .setSpec(spec)
                .setUpdateMask(ALL)
                .setEtag(current.getEtag())
                .build())
        .getTemplate();
  }
}
