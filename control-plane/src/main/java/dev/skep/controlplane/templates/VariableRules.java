package dev.skep.controlplane.templates;

import com.google.re2j.PatternSyntaxException;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.v1.GeneratedKind;
import dev.skep.v1.GeneratedValue;
import dev.skep.v1.TemplateVariable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the variables of a template must look like. */
final class VariableRules {
  private static final int MAX = 50;
  private static final int MAX_DESCRIPTION = 500;
  private static final int MAX_PATTERN = 200;
  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,39}");

  private final List<FieldViolation> wrong = new ArrayList<>();
  private final Set<String> seen = new HashSet<>(Set.of(Values.NAME));

  private VariableRules() {}

  static List<FieldViolation> of(List<TemplateVariable> variables) {
    VariableRules rules = new VariableRules();
    if (variables.size() > MAX) {
      rules.add("spec.variables", "has " + variables.size() + " entries; at most " + MAX);
    }
    for (int i = 0; i < variables.size(); i++) {
      rules.check("spec.variables[" + i + "]", variables.get(i));
    }
    return rules.wrong;
  }

  private void check(String field, TemplateVariable variable) {
    String name = variable.getName();
    if (!NAME.matcher(name).matches()) {
      add(
          field + ".name",
          "is no name of a variable; use 1 to 40 upper-case letters, digits and _, starting with a"
              + " letter");
    } else if (!seen.add(name)) {
      add(field + ".name", name + (name.equals(Values.NAME) ? " is taken" : " is there twice"));
    }
    if (variable.getDescription().length() > MAX_DESCRIPTION) {
      add(field + ".description", "has more than " + MAX_DESCRIPTION + " characters");
    }
    sources(field, variable);
    pattern(field, variable);
    if (variable.hasGenerate()) {
      generate(field + ".generate", variable.getGenerate());
    }
  }

  /** Where its value comes from is clear. */
  private void sources(String field, TemplateVariable variable) {
    boolean hasDefault = !variable.getDefaultValue().isEmpty();
    if (variable.getRequired() && (hasDefault || variable.hasGenerate())) {
      add(field + ".required", "cannot be with a default or a generated value; choose one");
    } else if (hasDefault && variable.hasGenerate()) {
      add(field + ".generate", "cannot be with a default; choose one");
    } else if (hasDefault && variable.getIsSecret()) {
      add(field + ".default_value", "is what everybody could read of a secret; generate it");
    } else if (variable.getIsSecret() && !variable.getRequired() && !variable.hasGenerate()) {
      add(field + ".is_secret", "needs a value: set generate or required");
    }
    if (variable.getDefaultValue().length() > Values.MAX_BYTES) {
      add(field + ".default_value", "has more than " + Values.MAX_BYTES + " characters");
    } else if (variable.getDefaultValue().indexOf('\0') >= 0) {
      add(field + ".default_value", "contains a NUL character");
    }
  }

  private void pattern(String field, TemplateVariable variable) {
    if (variable.getPattern().length() > MAX_PATTERN) {
      add(field + ".pattern", "has more than " + MAX_PATTERN + " characters");
      return;
    }
    try {
      boolean fits = Values.fits(variable.getPattern(), variable.getDefaultValue());
      if (!variable.getDefaultValue().isEmpty() && !fits) {
        add(field + ".default_value", "does not match the pattern " + variable.getPattern());
      }
    } catch (PatternSyntaxException e) {
      add(field + ".pattern", "is no RE2 expression: " + e.getDescription());
    }
  }

  private void generate(String field, GeneratedValue how) {
    int length = how.getLength();
    switch (how.getKind()) {
      case GENERATED_KIND_UNSPECIFIED, UNRECOGNIZED ->
          add(
              field + ".kind",
              "is "
                  + (how.getKind() == GeneratedKind.UNRECOGNIZED ? "unknown" : "missing")
                  + "; use GENERATED_KIND_PASSWORD, _HEX, _BASE64 or _UUID");
      case GENERATED_KIND_UUID -> {
        if (length != 0) {
          add(field + ".length", "is not for UUIDs");
        }
      }
      case GENERATED_KIND_PASSWORD, GENERATED_KIND_HEX, GENERATED_KIND_BASE64 -> {
        if (length != 0 && (length < Generated.MIN_LENGTH || length > Generated.MAX_LENGTH)) {
          add(
              field + ".length",
              length
                  + " is out of range; use "
                  + Generated.MIN_LENGTH
                  + " to "
                  + Generated.MAX_LENGTH);
        }
      }
    }
  }

  private void add(String field, String description) {
    wrong.add(new FieldViolation(field, description));
  }
}
