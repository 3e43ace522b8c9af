package dev.skep.controlplane.fleet;

import dev.skep.controlplane.kernel.FieldViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What labels and taints of a worker may look like. */
public final class WorkerRules {
  private static final int MAX_LABELS = 64;
  private static final int MAX_TAINTS = 32;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9./_-]{0,62}");
  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9._-]{0,63}");

  private WorkerRules() {}

  public static List<FieldViolation> labels(Map<String, String> labels) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (labels.size() > MAX_LABELS) {
      wrong.add(
          new FieldViolation("labels", "has " + labels.size() + " entries; use " + MAX_LABELS));
    }
    labels.forEach(
        (key, value) -> {
          String field = "labels[" + shortened(key) + "]";
          if (!KEY.matcher(key).matches()) {
            wrong.add(
                new FieldViolation(
                    field,
                    "is no key; use 1 to 63 letters, digits and . / _ -, the first a letter or a"
                        + " digit"));
          }
          if (!VALUE.matcher(value).matches()) {
            wrong.add(
                new FieldViolation(
                    field,
                    "\""
                        + shortened(value)
                        + "\" is no value; use up to 63 letters, digits and . _ -"));
          }
        });
    return wrong;
  }

  public static List<FieldViolation> taints(List<String> taints) {
    List<FieldViolation> wrong = new ArrayList<>();
    if (taints.size() > MAX_TAINTS) {
      wrong.add(
          new FieldViolation("taints", "has " + taints.size() + " entries; use " + MAX_TAINTS));
    }
    for (int i = 0; i < taints.size(); i++) {
      String taint = taints.get(i);
      String field = "taints[" + i + "]";
      if (!KEY.matcher(taint).matches()) {
        wrong.add(
            new FieldViolation(
                field,
                "\""
                    + shortened(taint)
                    + "\" is no taint; use 1 to 63 letters, digits and . / _ -, the first a letter"
                    + " or a digit"));
      } else if (taints.indexOf(taint) < i) {
        wrong.add(new FieldViolation(field, "\"" + taint + "\" stands there twice"));
      }
    }
    return wrong;
  }

  private static String shortened(String text) {
    return text.length() <= 63 ? text : text.substring(0, 63) + "…";
  }
}
