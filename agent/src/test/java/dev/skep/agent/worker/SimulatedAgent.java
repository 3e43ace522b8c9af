package dev.skep.agent.worker;

import dev.skep.agent.engine.Engine;
import dev.skep.agent.journal.BootClock;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.journal.LeaseTalk;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.VolumeLease;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The real agent without its threads and its connection: somebody else decides when it thinks, when
 * each of its looks and steps is done, and what of its words gets through. Its death is to be
 * forgotten; the directory stays.
 */
public final class SimulatedAgent {
  private final Journal journal;
  private final StatusOutbox outbox = new StatusOutbox();
  private final Worker worker;
  private final LongSupplier nanos;
  private final List<Runnable> chores = new ArrayList<>();
  private LeaseTalk lease;
  private long heartbeats;

  public SimulatedAgent(
      Path directory,
      Engine engine,
      LongSupplier nanos,
      InstantSource clock,
      DoubleSupplier random) {
    this.journal = Journal.open(directory, new BootClock("simulated", nanos));
    this.lease = new LeaseTalk(journal.lease());
    this.nanos = nanos;
    this.worker =
        new Worker(
            journal,
            engine,
            outbox,
            new Worker.Settings("10.0.0.1", "/p"),
            containers -> {},
            new Surroundings(nanos, clock, random, new Chores()));
  }

  /** Nothing is done before somebody does it. */
  private final class Chores extends AbstractExecutorService {
    @Override
    public void execute(Runnable chore) {
      chores.add(chore);
    }

    @Override
    public void shutdown() {
      chores.clear();
    }

    @Override
    public List<Runnable> shutdownNow() {
      chores.clear();
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  /** Looks at the engine and steps that wait to be done. */
  public List<Runnable> chores() {
    return chores;
  }

  /** Thinks about all that it has heard; returns when it wants to think again. */
  public Duration think() {
    return worker.catchUp();
  }

  /** The engine's word that something happened. */
  public void hint(Engine.EngineEvent event) {
    worker.hint(event);
  }

  /** False when a complete set is needed. */
  public boolean receive(AssignmentSet set) {
    return switch (journal.apply(set)) {
      case Journal.Applied.Changed(var ids) -> {
        worker.assigned(ids);
        yield true;
      }
      case Journal.Applied.Gap gap -> false;
      case Journal.Applied.Stale stale -> true;
    };
  }

  public long revision() {
    return journal.plan().revision();
  }

  public long leaderEpoch() {
    return journal.plan().leaderEpoch();
  }

  /** Objects that it was told to remove and has not. */
  public int tombstones() {
    return journal.plan().gone().size();
  }

  public SwarmState swarm() {
    return outbox.swarm();
  }

  public void welcome() {
    outbox.newSession();
    lease = new LeaseTalk(journal.lease());
    heartbeats = 0;
  }

  public Heartbeat heartbeat() {
    var beat = Heartbeat.newBuilder().setSequence(++heartbeats);
    lease.ask(beat);
    return beat.build();
  }

  public void granted(VolumeLease granted) {
    lease.granted(granted);
  }

  /** What it says now, in an order that does not depend on the process. */
  public Optional<StatusReport> speak() {
    return outbox
        .take(nanos.getAsLong())
        .map(
            report -> {
              var objects = new ArrayList<>(report.getObjectsList());
              objects.sort((a, b) -> a.getAssignmentId().compareTo(b.getAssignmentId()));
              return report.toBuilder()
                  .clearObjects()
                  .addAllObjects(Collections.unmodifiableList(objects))
                  .build();
            });
  }

  public void acked(long sequence) {
    outbox.acked(sequence);
  }
}
