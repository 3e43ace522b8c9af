package dev.skep.controlplane.workers;

import dev.skep.controlplane.kernel.FieldViolation;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.v1.ListWorkersRequest;
import dev.skep.v1.Worker;
import dev.skep.v1.WorkerState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which workers a list shows.
 *
 * @param labels values that labels must have
 * @param present labels that must be there, with any value
 */
record WorkerFilter(
    String namePrefix, WorkerState state, Map<String, String> labels, List<String> present) {
  private static final int MAX_LABELS = 20;

  /**
   * As a caller asks for it.
   *
   * @throws Refusal when a label is none
   */
  static WorkerFilter of(ListWorkersRequest request) {
    Map<String, String> labels = new HashMap<>();
    List<String> present = new ArrayList<>();
    for (String label : request.getLabelsList()) {
      int equals = label.indexOf('=');
      if (equals > 0) {
        labels.put(label.substring(0, equals), label.substring(equals + 1));
      } else {
        present.add(label);
      }
    }
    if (request.getLabelsCount() > MAX_LABELS
        || present.stream().anyMatch(l -> l.matches("|=.*"))) {
      Refusal.ifAny(
          List.of(
              new FieldViolation(
                  "labels",
                  "must be at most "
                      + MAX_LABELS
                      + " of the form zone=eu-1, or gpu for any value")));
    }
    return new WorkerFilter(request.getNamePrefix(), request.getState(), labels, present);
  }

  /** How many rows to read for so many workers; a fleet is some thousand rows at most. */
  int rows(int workers) {
    return state == WorkerState.WORKER_STATE_UNSPECIFIED ? workers : Integer.MAX_VALUE;
  }

  /** What the database cannot decide: the state depends on the time. */
  boolean matches(Worker worker) {
    return state == WorkerState.WORKER_STATE_UNSPECIFIED || state == worker.getState();
  }
}
