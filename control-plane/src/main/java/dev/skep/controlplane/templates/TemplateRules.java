package dev.skep.controlplane.templates;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.workload.SpecRules;
import dev.skep.v1.TemplateService;
import dev.skep.v1.TemplateSpec;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a template must look like; every rule that is broken is named, not only the first. */
final class TemplateRules {
  /** Of names of the platform's. */
  static final String PLATFORM = "skep.";

  static final int MAX_BYTES = 128 << 10;
  private static final int MAX_TITLE = 100;
  private static final int MAX_DESCRIPTION = 4_000;
  private static final int MAX_TAGS = 10;
  private static final int MAX_URL = 500;
  private static final int MAX_VERSION = 40;
  private static final int MAX_SERVICES = 20;
  private static final int MAX_SERVICE_NAME = 20;
  private static final Pattern TAG = Pattern.compile("[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?");

  private final List<FieldViolation> wrong = new ArrayList<>();

  private TemplateRules() {}

  /** Breaches of the rule for names of an organization's. */
  static List<FieldViolation> name(String name) {
    return name.startsWith(PLATFORM)
        ? List.of(
            new FieldViolation(
                "name", "begins with \"" + PLATFORM + "\", as those of the platform alone do"))
        : SpecRules.name(name);
  }

  /** Breaches of the rule for names of the platform's. */
  static List<FieldViolation> platformName(String name) {
    return name.startsWith(PLATFORM)
        ? SpecRules.name(name.substring(PLATFORM.length()))
        : List.of(new FieldViolation("name", "must begin with \"" + PLATFORM + "\""));
  }

  /** Breaches of all other rules. */
  static List<FieldViolation> spec(TemplateSpec spec) {
    TemplateRules rules = new TemplateRules();
    int bytes = spec.getSerializedSize();
    if (bytes > MAX_BYTES) {
      rules.add("spec", "has " + bytes + " bytes; at most " + MAX_BYTES + " are allowed");
      return rules.wrong;
    }
    rules.about(spec);
    rules.services(spec.getServicesList());
    rules.wrong.addAll(VariableRules.of(spec.getVariablesList()));
    if (rules.wrong.isEmpty()) {
      rules.wrong.addAll(BlankRules.of(spec));
    }
    return rules.wrong;
  }

  private void about(TemplateSpec spec) {
    line("spec.title", spec.getTitle(), MAX_TITLE);
    line("spec.version", spec.getVersion(), MAX_VERSION);
    length("spec.description", spec.getDescription(), MAX_DESCRIPTION);
    url("spec.documentation_url", spec.getDocumentationUrl(), Set.of("http", "https"));
    url("spec.icon_url", spec.getIconUrl(), Set.of("https"));
    if (spec.getTagsCount() > MAX_TAGS) {
      add("spec.tags", "has " + spec.getTagsCount() + " entries; at most " + MAX_TAGS);
    }
    for (int i = 0; i < spec.getTagsCount(); i++) {
      String tag = spec.getTags(i);
      if (!TAG.matcher(tag).matches()) {
        add("spec.tags[" + i + "]", "is no tag; use 1 to 30 of a-z 0-9 -");
      } else if (spec.getTagsList().indexOf(tag) < i) {
        add("spec.tags[" + i + "]", tag + " is listed twice");
      }
    }
  }

  private void services(List<TemplateService> services) {
    if (services.isEmpty()) {
      add("spec.services", "is empty; a template has at least one service");
    } else if (services.size() > MAX_SERVICES) {
      add("spec.services", "has " + services.size() + " entries; at most " + MAX_SERVICES);
    }
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < services.size(); i++) {
      String name = services.get(i).getName();
      String field = "spec.services[" + i + "].name";
      if (name.length() > MAX_SERVICE_NAME
          || (!name.isEmpty() && !SpecRules.name(name).isEmpty())) {
        add(
            field,
            "is no name of a service; use up to 20 lower-case letters, digits and hyphens,"
                + " starting with a letter and not ending with a hyphen");
      } else if (!seen.add(name)) {
        add(field, name.isEmpty() ? "is empty, as another one is" : name + " is there twice");
      }
    }
  }

  private void line(String field, String text, int max) {
    length(field, text, max);
    if (text.chars().anyMatch(Character::isISOControl)) {
      add(field, "contains control characters; write it on one line");
    }
  }

  private void length(String field, String text, int max) {
    if (text.length() > max) {
      add(field, "has " + text.length() + " characters; at most " + max);
    } else if (text.indexOf('\0') >= 0) {
      add(field, "contains a NUL character");
    }
  }

  private void url(String field, String text, Set<String> schemes) {
    if (!text.isEmpty() && (text.length() > MAX_URL || !isUrl(text, schemes))) {
      add(
          field,
          "is no URL; write it like https://example.org/ with at most " + MAX_URL + " characters");
    }
  }

  private static boolean isUrl(String text, Set<String> schemes) {
    try {
      URI uri = new URI(text);
      return uri.getHost() != null && schemes.contains(uri.getScheme());
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private void add(String field, String description) {
    wrong.add(new FieldViolation(field, description));
  }
}
