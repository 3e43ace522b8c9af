package dev.skep.controlplane.schedule;

import static java.util.stream.Collectors.joining;

import dev.skep.controlplane.workload.Constraint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts rejected workers by rule and says it in a sentence. */
final class Refusals {
  private final Want want;
  private final Map<Rule, Integer> counts = new EnumMap<>(Rule.class);
  private long largestCpu;
  private long largestMemory;
  private int workers;

  Refusals(Want want) {
    this.want = want;
  }

  void add(Rule rule, long freeCpu, long freeMemory) {
    workers++;
    counts.merge(rule, 1, Integer::sum);
    if (rule == Rule.CPU) {
      largestCpu = Math.max(largestCpu, freeCpu);
    } else if (rule == Rule.MEMORY) {
      largestMemory = Math.max(largestMemory, freeMemory);
    }
  }

  List<Rejection> rejections() {
    List<Rejection> rejections = new ArrayList<>();
    counts.forEach(
        (rule, count) ->
            rejections.add(new Rejection(rule.word(), count, count + " " + sentence(rule, count))));
    return List.copyOf(rejections);
  }

  String explain() {
    if (workers == 0) {
      return "there is no worker yet; add one with: skep workers token";
    }
    return rejections().stream()
        .map(Rejection::sentence)
        .collect(joining(", ", workers + (workers == 1 ? " worker: " : " workers: "), ""));
  }

  private String sentence(Rule rule, int count) {
    boolean one = count == 1;
    return switch (rule) {
      case PENDING -> one ? "is not ready yet" : "are not ready yet";
      case LOST -> "lost";
      case UNKNOWN -> "not connected";
      case UNHEALTHY -> "unhealthy";
      case REMOVED -> "removed";
      case DRAINING -> "draining";
      case CORDONED -> "cordoned";
      case PRESSURE -> "out of memory or disk";
      case TAINT -> (one ? "has" : "have") + " a taint that the service does not tolerate";
      case ROLE -> (one ? "does" : "do") + " not have the role run";
      case LABELS ->
          (one ? "lacks" : "lack") + " the labels " + want.requirement().terms().labels();
      case CONSTRAINT -> (one ? "does" : "do") + " not meet the constraint " + constraints();
      case MAX_PER_WORKER ->
          (one ? "has" : "have")
              + " as many replicas as one worker may have ("
              + want.maxPerWorker()
              + ")";
      case HOST_PORT -> (one ? "has" : "have") + " the host port " + ports() + " in use";
      case CPU ->
          (one ? "lacks " : "lack ")
              + cores(want.requirement().each().cpuMillis())
              + " (largest free: "
              + cores(largestCpu)
              + ")";
      case MEMORY ->
          (one ? "lacks " : "lack ")
              + mebibytes(want.requirement().each().memoryBytes())
              + " memory (largest free: "
              + mebibytes(largestMemory)
              + ")";
    };
  }

  private String constraints() {
    return want.requirement().terms().constraints().stream()
        .map(Constraint::toString)
        .collect(joining(", "));
  }

  private String ports() {
    return String.join(", ", want.requirement().hostPorts().stream().map(String::valueOf).toList());
  }

  private static String cores(long millis) {
    return millis / 1000.0 + " CPU";
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
