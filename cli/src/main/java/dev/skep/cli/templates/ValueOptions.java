package dev.skep.cli.templates;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.KeyValues;
import dev.skep.cli.session.Session;
import dev.skep.v1.GetTemplateRequest;
import dev.skep.v1.Template;
import dev.skep.v1.TemplateVariable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which template, what it is called here, and what its blanks are filled with. */
final class ValueOptions {
  @Parameters(index = "0", paramLabel = "TEMPLATE", description = "Name or id.")
  String template = "";

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "What the services are called, or how their names begin.")
  String name = "";

  @Option(
      names = "--set",
      paramLabel = "K=V",
      description = "Value of a variable; K alone takes it from your environment.")
  List<String> values = List.of();

  @Option(
      names = "--set-file",
      paramLabel = "K=FILE",
      description = "Value from a file, without a newline at its end; good for secrets.")
  List<String> files = List.of();

  /** The values that were given; a person is asked for those that are missing. */
  Map<String, String> read(Session session) {
    var request = GetTemplateRequest.newBuilder().setTemplate(template).build();
    var known =
        session.call(() -> session.controlPlane().templates().getTemplate(request)).getTemplate();
    var given = new LinkedHashMap<String, String>();
    refuseSecretsInArguments(known);
    given.putAll(KeyValues.parse(values, session.environment()));
    KeyValues.parse(files).forEach((key, file) -> given.put(key, content(Path.of(file))));
    if (session.isInteractive()) {
      known.getSpec().getVariablesList().stream()
          .filter(v -> v.getRequired() && !given.containsKey(v.getName()))
          .forEach(v -> given.put(v.getName(), ask(session, v)));
    }
    return given;
  }

  /** Everybody on the machine sees arguments. */
  private void refuseSecretsInArguments(Template known) {
    known.getSpec().getVariablesList().stream()
        .filter(
            v -> v.getIsSecret() && values.stream().anyMatch(s -> s.startsWith(v.getName() + "=")))
        .findFirst()
        .ifPresent(
            v -> {
              throw CliException.usage(
                  v.getName() + " is secret, and arguments are not",
                  "give it with --set-file "
                      + v.getName()
                      + "=FILE, or set the variable "
                      + v.getName()
                      + " before the call and say --set "
                      + v.getName());
            });
  }

  private static String ask(Session session, TemplateVariable variable) {
    var question =
        variable.getDescription().isEmpty()
            ? variable.getName()
            : variable.getName() + " (" + variable.getDescription() + ")";
    return variable.getIsSecret() ? session.askSecret(question) : session.ask(question);
  }

  private static String content(Path file) {
    try {
      return Files.readString(file).replaceFirst("\\r?\\n\\z", "");
    } catch (IOException e) {
      throw CliException.usage("cannot read " + file + ": " + e.getClass().getSimpleName());
    }
  }
}
