package dev.skep.controlplane.schedule;

import dev.skep.controlplane.workload.Constraint;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which workers a service accepts, whatever is free on them.
 *
 * @param labels that the worker must carry
 * @param tolerations taints of the worker that do not matter
 */
public record Terms(
    Map<String, String> labels, List<Constraint> constraints, Set<String> tolerations) {
  public static final Terms NONE = new Terms(Map.of(), List.of(), Set.of());
}
