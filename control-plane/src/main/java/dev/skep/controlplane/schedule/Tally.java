package dev.skep.controlplane.schedule;

import dev.skep.controlplane.kernel.WorkerId;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Replicas of one service per worker and zone, while its wants are dealt out; used again. */
final class Tally {
  private final Columns columns;
  private final int[] ofService;
  private final int[] added;
  private final int[] inZone;
  private int[] touched = new int[16];
  private int touchedCount;
  private int workersAdded;

  Tally(Columns columns) {
    this.columns = columns;
    this.ofService = new int[columns.size()];
    this.added = new int[columns.size()];
    this.inZone = new int[columns.zones()];
  }

  void begin(Map<WorkerId, Integer> present) {
    for (int i = 0; i < touchedCount; i++) {
      ofService[touched[i]] = 0;
      added[touched[i]] = 0;
    }
    touchedCount = 0;
    workersAdded = 0;
    Arrays.fill(inZone, 0);
    present.forEach(
        (id, n) -> {
          int worker = columns.number(id);
          if (worker >= 0 && n > 0) {
            count(worker, n);
          }
        });
  }

  private void count(int worker, int replicas) {
    if (ofService[worker] == 0) {
      if (touchedCount == touched.length) {
        touched = Arrays.copyOf(touched, touchedCount * 2);
      }
      touched[touchedCount++] = worker;
    }
    ofService[worker] += replicas;
    inZone[columns.zone(worker)] += replicas;
  }

  void add(int worker, int replicas) {
    count(worker, replicas);
    if (added[worker] == 0) {
      workersAdded++;
    }
    added[worker] += replicas;
  }

  int ofService(int worker) {
    return ofService[worker];
  }

  int inZone(int zone) {
    return inZone[zone];
  }

  /** Workers that have any: so many are there, and this is one of them. */
  int touchedCount() {
    return touchedCount;
  }

  int touched(int i) {
    return touched[i];
  }

  /** Replicas that were added, in the order in which their workers were chosen. */
  Map<WorkerId, Integer> added() {
    Map<WorkerId, Integer> result = LinkedHashMap.newLinkedHashMap(workersAdded);
    for (int i = 0; i < touchedCount; i++) {
      int worker = touched[i];
      if (added[worker] > 0) {
        result.put(columns.worker(worker).id(), added[worker]);
      }
    }
    return Collections.unmodifiableMap(result);
  }
}
