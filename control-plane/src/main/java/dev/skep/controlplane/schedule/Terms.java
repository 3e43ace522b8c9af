package dev.skep.controlplane.schedule;

import dev.skep.controlplane.workload.Constraint;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which workers a service accepts, whatever is free on them.
 *
 * @param labels that the worker must carry
 * @param tolerations taints of the worker that do not matter
 * @param tie the only worker that will do, if there is such
 */
public record Terms(
    Map<String, String> labels,
    List<Constraint> constraints,
    Set<String> tolerations,
    Optional<Tie> tie) {
  public static final Terms NONE = new Terms(Map.of(), List.of(), Set.of());

  /** Of a service whose data is nowhere yet. */
  public Terms(Map<String, String> labels, List<Constraint> constraints, Set<String> tolerations) {
    this(labels, constraints, tolerations, Optional.empty());
  }
}
