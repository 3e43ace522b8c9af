package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.StatusReport;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import java.util.ArrayList;
import java.util.List;

/** The writer of reports without its thread. */
public final class SimulatedIngest {
  private final StatusIngest ingest;
  private final List<StatusIngest.Entry> queue = new ArrayList<>();

  public SimulatedIngest(Database database, MasterKey masterKey) {
    ingest = new StatusIngest(database, masterKey);
  }

  /** True when nothing else waits, so that somebody has to {@link #store} soon. */
  public boolean offer(WorkerId worker, long sessionEpoch, StatusReport report, Runnable stored) {
    queue.add(new StatusIngest.Entry(worker, sessionEpoch, report, stored));
    return queue.size() == 1;
  }

  /** What waits is one batch. */
  public void store() {
    List<StatusIngest.Entry> batch = List.copyOf(queue);
    queue.clear();
    ingest.store(batch);
  }
}
