package dev.skep.controlplane.templates;

import dev.skep.v1.SecretUse;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.TemplateService;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplateVariable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A template with its blanks filled: what a deployment makes. No value of a secret variable is in a
 * spec.
 *
 * @param services by name, in the order of the template
 * @param secrets values by name
 */
record Rendering(Map<String, ServiceSpec> services, Map<String, String> secrets) {
  static Rendering of(TemplateSpec template, Values values) {
    Map<String, ServiceSpec> services = new LinkedHashMap<>();
    Map<String, String> made = new TreeMap<>();
    Filler filler = new Filler(values, secrets(template), made);
    for (TemplateService service : template.getServicesList()) {
      String name = serviceName(values.name(), service.getName());
      services.put(name, filler.fill(name, service.getSpec()));
    }
    return new Rendering(services, made);
  }

  static String serviceName(String deployment, String service) {
    return service.isEmpty() ? deployment : deployment + "-" + service;
  }

  /** The variables that are secret. */
  static Set<String> secrets(TemplateSpec template) {
    return template.getVariablesList().stream()
        .filter(TemplateVariable::getIsSecret)
        .map(TemplateVariable::getName)
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return "rendering of " + services.keySet();
  }

  /**
   * Fills services.
   *
   * @param secret the variables that are
   * @param made gets the secrets that are needed
   */
  private record Filler(Values values, Set<String> secret, Map<String, String> made) {
    ServiceSpec fill(String service, ServiceSpec template) {
      ServiceSpec.Builder spec = template.toBuilder();
      for (SecretUse.Builder use : spec.getSecretsBuilderList()) {
        Blanks named = Blanks.of(use.getSecret());
        if (isSecret(named)) {
          use.setSecret(ofVariable(named));
        }
      }
      new TreeMap<>(template.getEnvMap())
          .forEach(
              (key, text) -> {
                Blanks value = Blanks.of(text);
                if (isSecret(value)) {
                  String name = value.isOne() ? ofVariable(value) : ofText(service, key, value);
                  spec.removeEnv(key).addSecretsBuilder().setSecret(name).setEnv(key);
                }
              });
      return Texts.change(spec.build(), "", (path, text) -> Blanks.of(text).fill(values::of));
    }

    private boolean isSecret(Blanks text) {
      return text.variables().stream().anyMatch(secret::contains);
    }

    /** The secret of a variable that stands alone. */
    private String ofVariable(Blanks alone) {
      String variable = alone.variables().getFirst();
      String name = values.name() + "." + variable;
      made.put(name, values.of(variable));
      return name;
    }

    /** The secret of a text in which some stand. */
    private String ofText(String service, String key, Blanks text) {
      String name = service + ".env." + key;
      made.put(name, text.fill(values::of));
      return name;
    }
  }
}
