package dev.skep.controlplane.workload;

import dev.skep.controlplane.kernel.FieldViolation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What secrets may be called, and how a service may use them. */
public final class SecretRules {
  /** The most that a Swarm takes. */
  public static final int MAX_BYTES = 500 << 10;

  /** Of the value of a variable. */
  public static final int MAX_VARIABLE_BYTES = 16 << 10;

  /** Of all files of one service. */
  public static final int MAX_FILES_BYTES = 4 << 20;

  static final int MAX_USES = 50;
  private static final int MAX_MODE = 0777;
  private static final int MAX_ACCOUNT = 65_535;

  private static final Pattern NAME = Pattern.compile("[A-Za-z]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?");
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final String HOME = "/run/secrets/";

  private final List<FieldViolation> wrong = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final Map<String, SecretUse> files = new HashMap<>();

  private SecretRules() {}

  /** Breaches of the rule for names. */
  public static List<FieldViolation> name(String name) {
    return NAME.matcher(name).matches() && !ID.matcher(name).matches()
        ? List.of()
        : List.of(
            new FieldViolation(
                "name",
                SpecRules.quoted(name)
                    + " is not a valid name; use 1 to 63 letters, digits, dots, hyphens and"
                    + " underscores, starting with a letter and ending with a letter or digit"));
  }

  /** Breaches of the rule for values; what the value is, is never said. */
  public static List<FieldViolation> size(int bytes) {
    return bytes >= 1 && bytes <= MAX_BYTES
        ? List.of()
        : List.of(
            new FieldViolation("value", "has " + bytes + " bytes; it must have 1 to " + MAX_BYTES));
  }

  /** Breaches of the rules for the uses of a service. */
  static List<FieldViolation> uses(ServiceSpec spec) {
    SecretRules rules = new SecretRules();
    if (spec.secrets().size() > MAX_USES) {
      rules.add("spec.secrets", "has " + spec.secrets().size() + " entries; at most " + MAX_USES);
    }
    rules.seen.addAll(spec.env().keySet());
    spec.volumes().forEach(v -> rules.seen.add(v.path()));
    for (int i = 0; i < spec.secrets().size(); i++) {
      rules.use("spec.secrets[" + i + "]", spec.secrets().get(i));
    }
    return rules.wrong;
  }

  private void use(String field, SecretUse use) {
    if (!name(use.secret()).isEmpty()) {
      add(field + ".secret", SpecRules.quoted(use.secret()) + " is not the name of a secret");
      return;
    }
    if (use.isFile()) {
      file(field + ".file", use);
    } else {
      variable(field + ".env", use.variable());
    }
  }

  private void variable(String field, String variable) {
    if (!SpecRules.isVariable(variable)) {
      add(
          field,
          SpecRules.quoted(variable) + " is not a variable name; use letters, digits, _ . -");
    } else if (!seen.add(variable)) {
      add(field, variable + " is set twice");
    }
  }

  private void file(String field, SecretUse use) {
    String path = use.path();
    boolean home = path.startsWith(HOME);
    if (!VolumeRules.normalized(path)) {
      add(
          field + ".path",
          SpecRules.quoted(path)
              + " is not an absolute, normalized path; write it like /etc/tls/key");
    } else if (!home && VolumeRules.reserved(path)) {
      add(field + ".path", path + " belongs to the system; use " + HOME + " or another directory");
    } else if (!seen.add(path)) {
      add(field + ".path", path + " is used twice");
    }
    owner(field, use);
    number(field + ".mode", use.mode(), 1, MAX_MODE);
    number(field + ".uid", use.uid(), 0, MAX_ACCOUNT);
    number(field + ".gid", use.gid(), 0, MAX_ACCOUNT);
  }

  /** An engine writes the file of a secret once per container, however often it is mounted. */
  private void owner(String field, SecretUse use) {
    SecretUse first = files.putIfAbsent(use.secret(), use);
    if (first != null
        && (first.mode() != use.mode() || first.uid() != use.uid() || first.gid() != use.gid())) {
      add(
          field,
          "has another mode, uid or gid than "
              + first.path()
              + ", which is the same secret; use one");
    }
  }

  private void number(String field, int value, int min, int max) {
    if (value < min || value > max) {
      add(field, value + " is out of range; use " + min + " to " + max);
    }
  }

  private void add(String field, String description) {
    wrong.add(new FieldViolation(field, description));
  }
}
