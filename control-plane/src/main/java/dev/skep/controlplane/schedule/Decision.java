package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.WorkerId;
import java.util.List;
import java.util.Map;

/**
 * Where replicas go, or why not.
 *
 * @param added replicas per worker
 * @param missing replicas that no worker takes
 * @param explanation which workers were rejected by which rule, in a sentence; empty when nothing
 *     is missing
 * @param rejections the same, rule by rule; together they count every worker
 */
public record Decision(
    Map<WorkerId, Integer> added, int missing, String explanation, List<Rejection> rejections) {
  /** Nothing was asked for. */
  public static final Decision NOTHING = new Decision(Map.of(), 0, "", List.of());
}
