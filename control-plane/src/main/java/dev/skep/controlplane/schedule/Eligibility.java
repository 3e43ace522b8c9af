package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.workload.Constraint;
import dev.skep.controlplane.workload.Constraint.Operator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which workers meet which terms, whatever is free on them: computed once per distinct terms, from
 * one column per label that somebody asked for.
 */
final class Eligibility {
  private final Columns columns;
  private final Map<String, Values> labels = new Recent<>();
  private final Map<String, Values> facts = new Recent<>();
  private final Map<Terms, @Nullable Rule[]> verdicts = new Recent<>();

  Eligibility(Columns columns) {
    this.columns = columns;
  }

  /** What each worker says of the same thing, as a number; null is 0. */
  private record Values(List<@Nullable String> words, int[] ofWorker) {}

  /** The first rule that each worker breaks, null when it meets the terms. */
  @Nullable Rule[] verdicts(Terms terms) {
    return verdicts.computeIfAbsent(terms, this::compute);
  }

  private @Nullable Rule[] compute(Terms terms) {
    @Nullable Rule[] result = new Rule[columns.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = ofWorker(columns.worker(i), terms);
    }
    terms
        .labels()
        .forEach(
            (key, value) ->
                apply(
                    result,
                    values(labels, key, worker -> worker.labels().get(key)),
                    new Constraint(key, Operator.EQUAL, List.of(value)),
                    Rule.LABELS));
    for (Constraint constraint : terms.constraints()) {
      apply(result, values(constraint.key()), constraint, Rule.CONSTRAINT);
    }
    return result;
  }

  private static @Nullable Rule ofWorker(Worker worker, Terms terms) {
    if (terms.tie().filter(tie -> !tie.worker().equals(worker.id())).isPresent()) {
      return Rule.VOLUME;
    }
    if (!worker.roles().contains(WorkerRole.RUN)) {
      return Rule.ROLE;
    }
    return worker.taints().isEmpty() || terms.tolerations().containsAll(worker.taints())
        ? null
        : Rule.TAINT;
  }

  private Values values(String key) {
    return switch (key) {
      case Constraint.NAME -> values(facts, key, Worker::name);
      case Constraint.ARCHITECTURE -> values(facts, key, w -> w.facts().architecture());
      case Constraint.OS -> values(facts, key, w -> w.facts().os());
      default -> values(labels, key, worker -> worker.labels().get(key));
    };
  }

  private Values values(
      Map<String, Values> known, String key, Function<Worker, @Nullable String> value) {
    return known.computeIfAbsent(
        key,
        k -> {
          List<@Nullable String> words = new ArrayList<>();
          words.add(null);
          Map<String, Integer> numbers = new HashMap<>();
          int[] ofWorker = new int[columns.size()];
          for (int i = 0; i < ofWorker.length; i++) {
            String word = value.apply(columns.worker(i));
            if (word != null) {
              ofWorker[i] = numbers.computeIfAbsent(word, w -> add(words, w));
            }
          }
          return new Values(words, ofWorker);
        });
  }

  private static int add(List<@Nullable String> words, String word) {
    words.add(word);
    return words.size() - 1;
  }

  private static void apply(
      @Nullable Rule[] result, Values values, Constraint constraint, Rule rule) {
    boolean[] allowed = new boolean[values.words().size()];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = constraint.allows(values.words().get(i));
    }
    int[] ofWorker = values.ofWorker();
    for (int i = 0; i < result.length; i++) {
      if (result[i] == null && !allowed[ofWorker[i]]) {
        result[i] = rule;
      }
    }
  }
}
