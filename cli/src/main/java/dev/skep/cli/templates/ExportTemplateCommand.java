package dev.skep.cli.templates;

import dev.skep.cli.session.Session;
import dev.skep.cli.session.SessionCommand;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.Service;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the file of a template from services that are there. */
@Command(
    name = "export",
    description =
        "Print services as a file for templates create; their secrets become variables to be given.")
final class ExportTemplateCommand extends SessionCommand {
  @Parameters(index = "0..*", arity = "1..*", paramLabel = "SERVICE", description = "Names or ids.")
  List<String> services = List.of();

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the template is called.")
  String name = "";

  ExportTemplateCommand(Session session) {
    super(session);
  }

  @Override
  protected void run() {
    var found = services.stream().map(this::read).toList();
    session.print(TemplateFile.write(TemplateExport.of(name, found)).stripTrailing());
    if (found.size() > 1) {
      session.progress(
          "Where a text names another of these services, write ${NAME}-SERVICE: that is what it will"
              + " be called.");
    }
  }

  private Service read(String service) {
    var request = GetServiceRequest.newBuilder().setService(service).build();
    return session.call(() -> session.controlPlane().services().getService(request)).getService();
  }
}
