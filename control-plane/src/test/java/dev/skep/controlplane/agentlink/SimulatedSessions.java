package dev.skep.controlplane.agentlink;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** What sessions write of their workers, without the sessions. */
public final class SimulatedSessions {
  private final WorkerStore store;

  public SimulatedSessions(Database database) {
    store = new WorkerStore(database);
  }

  /** Returns the session's epoch. */
  public long open(WorkerId worker, WorkerFacts facts, UUID home, long leaderEpoch) {
    return store.open(new WorkerStore.Opening(worker, facts, home, leaderEpoch)).epoch();
  }

  public void close(WorkerId worker, long epoch) {
    store.close(worker, epoch);
  }

  public void heard(Map<WorkerId, Instant> seen) {
    var beats = new TreeMap<WorkerId, Beat>((a, b) -> a.toString().compareTo(b.toString()));
    seen.forEach((worker, at) -> beats.put(worker, Beat.of(at)));
    store.heartbeats(beats);
  }
}
