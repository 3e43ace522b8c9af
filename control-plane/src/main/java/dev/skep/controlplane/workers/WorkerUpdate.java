package dev.skep.controlplane.workers;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRules;
import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.v1.UpdateWorkerRequest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an operator wants to change of a worker.
 *
 * @param worker id or name
 * @param paths "labels", "taints"
 * @param etag empty when the operator does not care
 */
record WorkerUpdate(
    String worker,
    Map<String, String> newLabels,
    List<String> newTaints,
    Set<String> paths,
    String etag) {
  private static final String LABELS = "labels";
  private static final String TAINTS = "taints";

  static WorkerUpdate of(UpdateWorkerRequest request) {
    Set<String> paths = Set.copyOf(request.getUpdateMask().getPathsList());
    List<FieldViolation> wrong = new ArrayList<>();
    if (paths.isEmpty() || !Set.of(LABELS, TAINTS).containsAll(paths)) {
      wrong.add(
          new FieldViolation("update_mask", "must name what to change: labels, taints or both"));
    }
    if (paths.contains(LABELS)) {
      wrong.addAll(WorkerRules.labels(request.getLabelsMap()));
    }
    if (paths.contains(TAINTS)) {
      wrong.addAll(WorkerRules.taints(request.getTaintsList()));
    }
    Refusal.ifAny(wrong);
    return new WorkerUpdate(
        request.getWorker(),
        Map.copyOf(request.getLabelsMap()),
        List.copyOf(request.getTaintsList()),
        paths,
        request.getEtag());
  }

  Map<String, String> labels(Worker current) {
    return paths.contains(LABELS) ? newLabels : current.labels();
  }

  Collection<String> taints(Worker current) {
    return paths.contains(TAINTS) ? newTaints : current.taints();
  }

  void checkEtag(String current) {
    if (!etag.isEmpty() && !etag.equals(current)) {
      throw new Refusal(
          Reason.ETAG_MISMATCH, "the worker was changed meanwhile; read it again and repeat");
    }
  }
}
