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
    Rendering rendering = new Rendering(new LinkedHashMap<>(), new TreeMap<>());
    Set<String> secret = secrets(template);
    for (TemplateService service : template.getServicesList()) {
      String name = serviceName(values.name(), service.getName());
      rendering.services.put(name, rendering.new Filler(name, values, secret).fill(service));
    }
    return rendering;
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

  /** Fills one service; what is secret goes to the secrets. */
  private final class Filler {
    private final String service;
    private final Values values;
    private final Set<String> secret;

    Filler(String service, Values values, Set<String> secret) {
      this.service = service;
      this.values = values;
      this.secret = secret;
    }

    ServiceSpec fill(TemplateService template) {
      ServiceSpec.Builder spec = template.getSpec().toBuilder();
      for (SecretUse.Builder use : spec.getSecretsBuilderList()) {
        Blanks named = Blanks.of(use.getSecret());
        if (isSecret(named)) {
          // The name of a secret has no blanks.
          use.setSecret(ofVariable(named.variables().getFirst()));
        }
      }
      new TreeMap<>(spec.getEnvMap())
          .forEach(
              (key, text) -> {
                if (isSecret(Blanks.of(text))) {
                  spec.removeEnv(key).addSecretsBuilder().setSecret(of(key, text)).setEnv(key);
                }
              });
      return Texts.change(spec.build(), "", (path, text) -> Blanks.of(text).fill(values::of));
    }

    private boolean isSecret(Blanks text) {
      return text.variables().stream().anyMatch(secret::contains);
    }

    private String ofVariable(String variable) {
      String name = values.name() + "." + variable;
      secrets.put(name, values.of(variable));
      return name;
    }

    private String of(String key, String text) {
      Blanks blanks = Blanks.of(text);
      if (blanks.isOne()) {
        return ofVariable(blanks.variables().getFirst());
      }
      String name = service + ".env." + key;
      secrets.put(name, blanks.fill(values::of));
      return name;
    }
  }
}
