package dev.skep.cli.templates;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.skep.v1.CreateTemplateRequest;
import dev.skep.v1.Service;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.TemplateVariable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Services as a template; their secrets are asked for, because nobody can read them. */
final class TemplateExport {
  private static final int MAX_VARIABLE = 40;

  private TemplateExport() {}

  static CreateTemplateRequest of(String name, List<Service> services) {
    var template = CreateTemplateRequest.newBuilder().setName(name);
    Map<String, String> variables = new LinkedHashMap<>();
    for (var service : services) {
      var spec = escaped(service.getSpec());
      spec.getSecretsBuilderList()
          .forEach(
              use -> {
                var variable = variable(use.getSecret());
                variables.put(variable, use.getSecret());
                use.setSecret("${" + variable + "}");
              });
      template
          .getSpecBuilder()
          .addServicesBuilder()
          .setName(services.size() == 1 ? "" : service.getName())
          .setSpec(spec);
    }
    variables.forEach(
        (variable, secret) ->
            template
                .getSpecBuilder()
                .addVariables(
                    TemplateVariable.newBuilder()
                        .setName(variable)
                        .setDescription("Value of the secret " + secret)
                        .setIsSecret(true)
                        .setRequired(true)));
    return template.build();
  }

  /** What looks like a variable is none. In JSON these two characters stand in texts alone. */
  private static ServiceSpec.Builder escaped(ServiceSpec spec) {
    try {
      var escaped = ServiceSpec.newBuilder();
      JsonFormat.parser().merge(JsonFormat.printer().print(spec).replace("${", "$${"), escaped);
      return escaped;
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("our own messages can be printed", e);
    }
  }

  private static String variable(String secret) {
    var name = secret.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    return name.substring(0, Math.min(MAX_VARIABLE, name.length()));
  }
}
