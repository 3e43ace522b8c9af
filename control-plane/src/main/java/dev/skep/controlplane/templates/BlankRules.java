package dev.skep.controlplane.templates;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.services.NewServices;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplateVariable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What stands in the services of a template: variables that are there, secrets where they stay
 * secret, and specs that could be created as far as the values are known.
 */
final class BlankRules {
  /** Stands for what nobody knows yet. */
  private static final String SAMPLE = "sample";

  private static final Pattern ENV = Pattern.compile(".*\\.spec\\.env\\[[^\\[\\]]*]");
  private static final Pattern SECRET_NAME =
      Pattern.compile(".*\\.spec\\.secrets\\[\\d+]\\.secret");

  private final List<FieldViolation> wrong = new ArrayList<>();
  private final Set<String> uncertain = new HashSet<>();
  private final Map<String, TemplateVariable> variables = new HashMap<>();
  private final TemplateSpec template;

  private BlankRules(TemplateSpec template) {
    this.template = template;
    template.getVariablesList().forEach(v -> variables.put(v.getName(), v));
  }

  /** For a template that breaks no other rule. */
  static List<FieldViolation> of(TemplateSpec template) {
    BlankRules rules = new BlankRules(template);
    for (int i = 0; i < template.getServicesCount(); i++) {
      ServiceSpec spec = template.getServices(i).getSpec();
      var _ = Texts.change(spec, path(i), rules::check);
    }
    if (rules.wrong.isEmpty()) {
      rules.filled();
    }
    return rules.wrong;
  }

  static String path(int service) {
    return "spec.services[" + service + "].spec";
  }

  private String check(String path, String text) {
    Blanks blanks = Blanks.of(text);
    if (blanks.broken()) {
      add(path, "has \"${\" that begins no ${VARIABLE}; write $${ for the two characters");
    }
    for (String variable : blanks.variables()) {
      TemplateVariable known = variables.get(variable);
      if (known == null && !variable.equals(Values.NAME)) {
        add(path, "there is no variable \"" + variable + "\"; add it to spec.variables");
      } else if (known != null && known.getIsSecret()) {
        secret(path, blanks, variable);
      }
      if (known != null && (known.getRequired() || known.hasGenerate())) {
        uncertain.add(path);
      }
    }
    return text;
  }

  private void secret(String path, Blanks blanks, String variable) {
    boolean named = SECRET_NAME.matcher(path).matches() && blanks.isOne();
    if (!named && !ENV.matcher(path).matches()) {
      add(
          path,
          variable
              + " is secret; it can stand in the value of an environment variable, or alone where"
              + " spec.secrets names a secret");
    }
  }

  /** As it would be deployed. */
  private void filled() {
    Map<String, String> samples = new HashMap<>();
    template
        .getVariablesList()
        .forEach(
            v ->
                samples.put(
                    v.getName(),
                    v.getRequired() || v.hasGenerate() ? SAMPLE : v.getDefaultValue()));
    Rendering rendering = Rendering.of(template, new Values(SAMPLE, samples));
    Iterator<Map.Entry<String, ServiceSpec>> services = rendering.services().entrySet().iterator();
    for (int i = 0; services.hasNext(); i++) {
      Map.Entry<String, ServiceSpec> service = services.next();
      String path = path(i);
      NewServices.wrong(service.getKey(), service.getValue()).stream()
          .map(broken -> inside(path, broken))
          .filter(broken -> uncertain.stream().noneMatch(text -> about(text, broken.field())))
          .forEach(wrong::add);
    }
  }

  /** Errors name the fields of a request to create a service. */
  static FieldViolation inside(String path, FieldViolation broken) {
    return new FieldViolation(
        broken.field().replaceFirst("^spec(?=$|[.\\[])", path), broken.description());
  }

  private static boolean about(String text, String field) {
    return text.startsWith(field) || field.startsWith(text);
  }

  private void add(String field, String description) {
    wrong.add(new FieldViolation(field, description));
  }
}
