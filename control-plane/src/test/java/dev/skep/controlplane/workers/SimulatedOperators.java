package dev.skep.controlplane.workers;

import dev.skep.controlplane.db.Database;
import java.time.Duration;
import java.time.InstantSource;

/** What operators do with workers, below the API. */
public final class SimulatedOperators {
  private final WorkersService workers;

  public SimulatedOperators(Database database, InstantSource clock, Duration heartbeatTimeout) {
    workers = new WorkersService(database, clock, heartbeatTimeout);
  }

  public void drain(String worker) {
    workers.drain(worker, new DrainTerms(null, false));
  }

  public void cordon(String worker) {
    workers.cordon(worker);
  }

  public void uncordon(String worker) {
    workers.uncordon(worker);
  }
}
