package dev.skep.controlplane.agentlink;

import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;

/** What sessions write of their workers, without the sessions. */
public final class SimulatedSessions {
  private final WorkerStore store;
  private final Leases leases;

  public SimulatedSessions(Database database, Duration heartbeatInterval) {
    store = new WorkerStore(database);
    leases = new Leases(store, heartbeatInterval);
  }

  /** Hears the heartbeats of a session; what {@link #grant} grants for them goes to the agent. */
  public Consumer<Heartbeat> talk(WorkerId worker, long epoch, Consumer<VolumeLease> agent) {
    var talk = new Leases.Talk(epoch, agent);
    return beat -> leases.ask(worker, talk, beat);
  }

  public void grant() {
    leases.flush();
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
