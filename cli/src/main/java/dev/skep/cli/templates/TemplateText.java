package dev.skep.cli.templates;

import dev.skep.cli.format.Humans;
import dev.skep.cli.format.Table;
import dev.skep.cli.format.Terminal;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateService;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplateVariable;
import java.util.List;
import java.util.Locale;

/** Templates as people read them. */
final class TemplateText {
  private TemplateText() {}

  static String details(Template template, int width) {
    var spec = template.getSpec();
    var text = new StringBuilder();
    line(text, "Template", template.getName());
    line(text, "Title", spec.getTitle());
    line(text, "Version", spec.getVersion());
    line(text, "Tags", String.join(", ", spec.getTagsList()));
    line(text, "Owner", Humans.word(template.getOwner(), "TEMPLATE_OWNER_"));
    line(text, "About", spec.getDocumentationUrl());
    if (!spec.getDescription().isEmpty()) {
      text.append('\n').append(Terminal.safe(spec.getDescription())).append('\n');
    }
    if (spec.getVariablesCount() > 0) {
      text.append('\n').append(variables(spec).render(width));
    }
    return text.append('\n')
        .append(services(spec).render(width))
        .append("\nDeploy it: skep templates deploy ")
        .append(Terminal.safe(template.getName()))
        .append(" --name NAME\n")
        .toString();
  }

  private static Table variables(TemplateSpec spec) {
    var table = Table.of("VARIABLE", "VALUE~", "SECRET", "WHAT~");
    spec.getVariablesList()
        .forEach(
            v ->
                table.row(
                    v.getName(),
                    value(v),
                    v.getIsSecret() ? "yes" : "no",
                    Humans.orNone(v.getDescription())));
    return table;
  }

  private static String value(TemplateVariable variable) {
    if (variable.getRequired()) {
      return "(required)";
    }
    if (variable.hasGenerate()) {
      var kind = variable.getGenerate().getKind().name().replace("GENERATED_KIND_", "");
      return "(new " + kind.toLowerCase(Locale.ROOT) + ")";
    }
    return Humans.orNone(variable.getDefaultValue());
  }

  private static Table services(TemplateSpec spec) {
    var table = Table.of("SERVICE", "IMAGE~", "REPLICAS", "MEMORY", "PORTS~", "VOLUMES~");
    for (TemplateService service : spec.getServicesList()) {
      table.row(
          service.getName().isEmpty() ? "NAME" : "NAME-" + service.getName(),
          service.getSpec().getImage(),
          Integer.toString(service.getSpec().hasReplicas() ? service.getSpec().getReplicas() : 1),
          memory(service.getSpec()),
          Humans.orNone(
              String.join(
                  ", ", service.getSpec().getPortsList().stream().map(Humans::port).toList())),
          Humans.orNone(
              String.join(
                  ", ",
                  service.getSpec().getVolumesList().stream().map(v -> v.getPath()).toList())));
    }
    return table;
  }

  private static String memory(ServiceSpec spec) {
    long bytes = spec.getResources().getMemoryBytes();
    return bytes == 0 ? "-" : Humans.bytes(bytes);
  }

  /** What was made. */
  static String made(List<Service> services, List<String> secrets, int width) {
    var table = Table.of("SERVICE~", "STATE", "REPLICAS", "URL~");
    services.forEach(
        s ->
            table.row(
                s.getName(),
                Humans.word(s.getStatus().getState(), "SERVICE_STATE_"),
                s.getStatus().getReplicasRunning() + "/" + s.getStatus().getReplicasWanted(),
                Humans.orNone(String.join(" ", s.getStatus().getUrlsList()))));
    return table.render(width) + secrets("Secrets", secrets);
  }

  static String secrets(String what, List<String> names) {
    return names.isEmpty()
        ? ""
        : "\n" + what + ": " + Terminal.safe(String.join(", ", names)) + "\n";
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append(name).append(" ".repeat(10 - name.length())).append(Terminal.safe(value));
      text.append('\n');
    }
  }
}
