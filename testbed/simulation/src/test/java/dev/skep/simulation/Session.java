package dev.skep.simulation;

import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.VolumeLease;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * A stream between an agent and a control plane. Within one, messages arrive in order, perhaps more
 * than once, or the stream breaks; reports that were under way when it broke may arrive later.
 */
final class Session {
  private final Simulation world;
  private final Plane plane;
  private final Machine machine;
  private final long epoch;
  private final int machineLife;
  private boolean over;
  private boolean changeWaits;
  private long sentRevision;
  private Instant lastDown = Instant.MIN;
  private Instant lastUp = Instant.MIN;
  private Consumer<Heartbeat> leases = beat -> {};

  Session(Simulation world, Plane plane, Machine machine, long epoch) {
    this.world = world;
    this.plane = plane;
    this.machine = machine;
    this.epoch = epoch;
    this.machineLife = machine.life();
  }

  Machine machine() {
    return machine;
  }

  long epoch() {
    return epoch;
  }

  /** Who hears its heartbeats. */
  void grants(Consumer<Heartbeat> listener) {
    leases = listener;
  }

  void heartbeat(Heartbeat beat) {
    if (world.fault(3)) {
      world.note("a heartbeat of " + machine.name() + " gets lost");
      breakSoon();
      return;
    }
    lastUp = inOrder(lastUp);
    plane.forSession(this, world.until(lastUp).toMillis(), () -> leases.accept(beat));
  }

  void granted(VolumeLease lease) {
    if (world.fault(3)) {
      world.note("a lease of " + machine.name() + " gets lost");
      breakSoon();
      return;
    }
    lastDown = inOrder(lastDown);
    world
        .time()
        .after(
            world.until(lastDown),
            () -> {
              if (!over && machine.life() == machineLife) {
                machine.granted(lease);
              }
            });
  }

  /** The control plane's first words. */
  void greet(StatusReport hello) {
    if (hello.hasSwarm() && !hello.getSwarm().getLocalState().isEmpty()) {
      plane.store(this, hello, () -> {});
    }
    sendComplete();
  }

  private void sendComplete() {
    plane.reader().complete(machine.id()).ifPresent(this::send);
  }

  /** The change feed's word; when it has all, it would only find that. */
  void changed() {
    if (!changeWaits && !over && sentRevision != world.ledger().revision()) {
      changeWaits = true;
      plane.forSession(
          this,
          world.chance().between(1, 300),
          () -> {
            changeWaits = false;
            plane
                .reader()
                .since(machine.id(), sentRevision)
                .filter(set -> set.getResultsIn() != sentRevision)
                .ifPresent(this::send);
          });
    }
  }

  private void send(AssignmentSet set) {
    sentRevision = set.getResultsIn();
    if (world.fault(3)) {
      world.note("assignments for " + machine.name() + " get lost");
      breakSoon();
      return;
    }
    int copies = world.fault(4) ? 2 : 1;
    for (int copy = 0; copy < copies; copy++) {
      lastDown = inOrder(lastDown);
      world.time().after(world.until(lastDown), () -> deliver(set));
    }
  }

  private Instant inOrder(Instant last) {
    long delay =
        world.fault(5) ? world.chance().between(100, 3_000) : world.chance().between(1, 20);
    Instant at = world.time().instant().plusMillis(delay);
    return at.isBefore(last) ? last : at;
  }

  private void deliver(AssignmentSet set) {
    if (!over && machine.life() == machineLife && !machine.receive(set)) {
      plane.forSession(this, world.chance().between(1, 20), this::sendComplete);
    }
  }

  void report(StatusReport report) {
    if (world.fault(3)) {
      world.note("a report of " + machine.name() + " gets lost");
      breakSoon();
      return;
    }
    int copies = world.fault(4) ? 2 : 1;
    for (int copy = 0; copy < copies; copy++) {
      lastUp = inOrder(lastUp);
      plane.forSession(
          this, world.until(lastUp).toMillis(), () -> plane.store(this, report, () -> ack(report)));
    }
  }

  /** What was sent and not heard when the session ended. */
  void reportLate(StatusReport report) {
    plane.storeLate(this, world.chance().between(10, 10_000), report);
  }

  private void ack(StatusReport report) {
    if (world.fault(3)) {
      breakSoon();
      return;
    }
    world
        .time()
        .afterMillis(
            world.chance().between(1, 20),
            () -> {
              if (!over && machine.life() == machineLife) {
                machine.acked(report.getSequence());
              }
            });
  }

  private void breakSoon() {
    world.time().afterMillis(world.chance().between(1, 5_000), () -> end("the stream broke"));
  }

  /** Both sides hear that it is over, each in its time. */
  void end(String why) {
    if (!over) {
      over = true;
      world.note("session " + epoch + " of " + machine.name() + " ends: " + why);
      machine.hungUp(this);
      long notices = world.fault(20) ? world.chance().between(1_000, 60_000) : 10;
      plane.forSession(this, world.chance().between(1, (int) notices), () -> plane.close(this));
    }
  }

  /** The control plane is gone and writes nothing. */
  void lost(String why) {
    if (!over) {
      over = true;
      world.note("session " + epoch + " of " + machine.name() + " ends: " + why);
      machine.hungUp(this);
    }
  }
}
