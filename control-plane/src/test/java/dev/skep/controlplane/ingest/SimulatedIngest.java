package dev.skep.controlplane.ingest;

import dev.skep.agent.v1.StatusReport;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import java.util.List;

/** The writer of reports without its thread. */
public final class SimulatedIngest {
  private final StatusIngest ingest;

  public SimulatedIngest(Database database, MasterKey masterKey) {
    ingest = new StatusIngest(database, masterKey);
  }

  /** One report is one batch. */
  public void store(WorkerId worker, long sessionEpoch, StatusReport report, Runnable stored) {
    ingest.store(List.of(new StatusIngest.Entry(worker, sessionEpoch, report, stored)));
  }
}
