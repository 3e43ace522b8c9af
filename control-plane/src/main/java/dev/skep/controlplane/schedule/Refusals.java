package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.Resources;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
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

  void add(Rule rule, Resources free) {
    workers++;
    counts.merge(rule, 1, Integer::sum);
    if (rule == Rule.CPU) {
      largestCpu = Math.max(largestCpu, free.cpuMillis());
    } else if (rule == Rule.MEMORY) {
      largestMemory = Math.max(largestMemory, free.memoryBytes());
    }
  }

  String explain() {
    if (workers == 0) {
      return "there is no worker yet; add one with: skep workers token";
    }
    List<String> parts = list().stream().map(Rejection::sentence).toList();
    return workers + (workers == 1 ? " worker: " : " workers: ") + String.join(", ", parts);
  }

  List<Rejection> list() {
    List<Rejection> list = new ArrayList<>();
    counts.forEach(
        (rule, count) ->
            list.add(
                new Rejection(
                    rule.name().toLowerCase(Locale.ROOT),
                    count,
                    count + " " + sentence(rule, count))));
    return List.copyOf(list);
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
      case PRESSURE -> "out of CPU, memory or disk";
      case TAINT -> (one ? "has" : "have") + " a taint that the service does not tolerate";
      case ROLE -> (one ? "does" : "do") + " not have the role run";
      case LABELS -> (one ? "lacks" : "lack") + " the labels " + want.labels();
      case HOST_PORT -> (one ? "has" : "have") + " the host port " + ports() + " in use";
      case CPU ->
          (one ? "lacks " : "lack ")
              + cores(want.each().cpuMillis())
              + " (largest free: "
              + cores(largestCpu)
              + ")";
      case MEMORY ->
          (one ? "lacks " : "lack ")
              + mebibytes(want.each().memoryBytes())
              + " memory (largest free: "
              + mebibytes(largestMemory)
              + ")";
    };
  }

  private String ports() {
    return String.join(", ", want.hostPorts().stream().map(String::valueOf).toList());
  }

  private static String cores(long millis) {
    return millis / 1000.0 + " CPU";
  }

  private static String mebibytes(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
