package dev.skep.controlplane.templates;

import com.google.re2j.Pattern;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.v1.TemplateSpec;
import dev.skep.v1.TemplateVariable;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * What the blanks of one deployment are filled with.
 *
 * @param name of the deployment, which is {@code ${NAME}}
 */
record Values(String name, Map<String, String> byVariable) {
  static final String NAME = "NAME";
  static final int MAX_BYTES = 16 << 10;

  /**
   * Given, generated or by default.
   *
   * @param generate makes a value for a variable
   * @param wrong gets what is missing, unknown, or not as it has to be; never with the value
   */
  static Values of(
      TemplateSpec spec,
      String name,
      Map<String, String> given,
      Function<TemplateVariable, String> generate,
      List<FieldViolation> wrong) {
    Map<String, String> values = new HashMap<>();
    for (TemplateVariable variable : spec.getVariablesList()) {
      String value = given.get(variable.getName());
      if (value != null) {
        check(variable, value, wrong);
      } else if (variable.hasGenerate()) {
        value = generate.apply(variable);
      } else if (variable.getRequired()) {
        wrong.add(new FieldViolation(field(variable.getName()), "is missing" + hint(variable)));
      }
      values.put(variable.getName(), value == null ? variable.getDefaultValue() : value);
    }
    given.keySet().stream()
        .filter(key -> !values.containsKey(key))
        .sorted()
        .forEach(key -> wrong.add(new FieldViolation(field(key), unknown(spec))));
    return new Values(name, values);
  }

  String of(String variable) {
    return variable.equals(NAME)
        ? name
        : Objects.requireNonNull(byVariable.get(variable), "checked when it was written");
  }

  /** Some are secret. */
  @Override
  public String toString() {
    return "values of " + byVariable.keySet();
  }

  private static void check(TemplateVariable variable, String value, List<FieldViolation> wrong) {
    String field = field(variable.getName());
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MAX_BYTES) {
      wrong.add(new FieldViolation(field, "has " + bytes + " bytes; at most " + MAX_BYTES));
    } else if (value.indexOf('\0') >= 0) {
      wrong.add(new FieldViolation(field, "contains a NUL character"));
    } else if (value.isEmpty() && (variable.getRequired() || variable.getIsSecret())) {
      wrong.add(new FieldViolation(field, "is empty" + hint(variable)));
    } else if (!fits(variable.getPattern(), value)) {
      wrong.add(
          new FieldViolation(field, "does not match " + variable.getPattern() + hint(variable)));
    }
  }

  /** In time that grows with the value alone, whatever the pattern. */
  static boolean fits(String pattern, String value) {
    return pattern.isEmpty() || Pattern.matches(pattern, value);
  }

  private static String hint(TemplateVariable variable) {
    return variable.getDescription().isEmpty() ? "" : ": " + variable.getDescription();
  }

  private static String unknown(TemplateSpec spec) {
    List<String> names = spec.getVariablesList().stream().map(TemplateVariable::getName).toList();
    return "is not a variable of the template; it has "
        + (names.isEmpty() ? "none" : String.join(", ", names));
  }

  private static String field(String variable) {
    return "variables[" + variable + "]";
  }
}
