package dev.skep.controlplane.workload;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a worker that takes a service.
 *
 * @param key a label of workers, or one of {@link #FACTS}
 */
public record Constraint(String key, Operator operator, List<String> values) {
  public static final String NAME = "worker.name";
  public static final String ARCHITECTURE = "worker.arch";
  public static final String OS = "worker.os";

  /** Keys that are no labels: what a worker is, not what somebody wrote on it. */
  public static final Set<String> FACTS = Set.of(NAME, ARCHITECTURE, OS);

  private static final String FACT_PREFIX = "worker.";
  private static final String WORD = "[A-Za-z0-9][A-Za-z0-9./_-]{0,62}";
  private static final String VALUE = "[A-Za-z0-9._-]{1,63}";
  private static final Pattern COMPARISON =
      Pattern.compile("\\s*(" + WORD + ")\\s*(==|!=)\\s*(" + VALUE + ")\\s*");
  private static final Pattern CHOICE =
      Pattern.compile(
          "\\s*("
              + WORD
              + ")\\s+in\\s*\\(\\s*("
              + VALUE
              + "(?:\\s*,\\s*"
              + VALUE
              + ")*)\\s*\\)\\s*");

  public Constraint {
    values = List.copyOf(values);
  }

  /** How a worker's value is compared. */
  public enum Operator {
    EQUAL,
    /** Also when the worker does not have the label. */
    NOT_EQUAL,
    IN
  }

  /** Empty when it is none. */
  public static Optional<Constraint> parse(String text) {
    return parsed(text).filter(c -> c.isLabel() || FACTS.contains(c.key));
  }

  private static Optional<Constraint> parsed(String text) {
    Matcher comparison = COMPARISON.matcher(text);
    if (comparison.matches()) {
      Operator operator = comparison.group(2).equals("==") ? Operator.EQUAL : Operator.NOT_EQUAL;
      return Optional.of(
          new Constraint(comparison.group(1), operator, List.of(comparison.group(3))));
    }
    Matcher choice = CHOICE.matcher(text);
    if (choice.matches()) {
      List<String> values = Arrays.stream(choice.group(2).split(",")).map(String::strip).toList();
      return Optional.of(new Constraint(choice.group(1), Operator.IN, values));
    }
    return Optional.empty();
  }

  /** What would be right instead of a text that is no constraint. */
  static String expected(String text) {
    return parsed(text).isPresent()
        ? "use worker.name, worker.arch, worker.os or a label that does not start with worker."
        : "use KEY == VALUE, KEY != VALUE or KEY in (VALUE, VALUE), for example zone == eu-1";
  }

  public boolean isLabel() {
    return !key.startsWith(FACT_PREFIX);
  }

  /** {@code value}: what the worker has, null when it has nothing of the kind. */
  public boolean allows(@Nullable String value) {
    return switch (operator) {
      case EQUAL, IN -> value != null && values.contains(value);
      case NOT_EQUAL -> value == null || !values.contains(value);
    };
  }

  /** As a user writes it. */
  @Override
  public String toString() {
    return switch (operator) {
      case EQUAL -> key + " == " + values.getFirst();
      case NOT_EQUAL -> key + " != " + values.getFirst();
      case IN -> key + " in (" + String.join(", ", values) + ")";
    };
  }
}
