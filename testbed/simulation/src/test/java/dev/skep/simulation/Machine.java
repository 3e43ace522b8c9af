package dev.skep.simulation;

import dev.skep.agent.engine.EngineFailure;
import dev.skep.agent.engine.SimulatedNode;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.agent.worker.SimulatedAgent;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A worker: its engine, its disk and, while it lives, its agent. */
final class Machine {
  static final Resources CAPACITY = new Resources(4_000, 8L << 30);
  private static final Duration SOONEST = Duration.ofMillis(250);

  private final Simulation world;
  private final String name;
  private final WorkerId id;
  private final Path directory;
  private final SimulatedNode node;
  private @Nullable SimulatedAgent agent;
  private @Nullable Session session;
  private Duration clockError = Duration.ZERO;
  private Instant wakesAt = Instant.MAX;
  private boolean offline;
  private boolean troubled;
  private boolean dying;
  private int slowness = 30;
  private int lives;

  Machine(Simulation world, String name, WorkerId id, Path directory) {
    this.world = world;
    this.name = name;
    this.id = id;
    this.directory = directory;
    this.node = world.swarm().addNode("node-" + name, clock());
    node.onCall(call -> perhapsFail("before " + call));
    node.onAnswer(
        call -> {
          world.note(name + "'s engine did " + call);
          perhapsFail("after " + call);
        });
  }

  private InstantSource clock() {
    return () -> world.time().instant().plus(clockError);
  }

  private void perhapsFail(String when) {
    if (dying && world.chance().percent(30)) {
      world.note(name + "'s agent has a fatal error " + when);
      throw new Crash();
    }
    if (world.fault(troubled ? 25 : 0)) {
      var code =
          world
              .chance()
              .oneOf(List.of(EngineFailure.Code.TIMEOUT, EngineFailure.Code.ENGINE_ERROR));
      world.note(name + "'s engine fails with " + code + " " + when);
      throw new EngineFailure(code, "simulated");
    }
  }

  String name() {
    return name;
  }

  WorkerId id() {
    return id;
  }

  SimulatedNode node() {
    return node;
  }

  int life() {
    return lives;
  }

  WorkerFacts facts() {
    return facts(name);
  }

  static WorkerFacts facts(String name) {
    return new WorkerFacts(name, "10.0.0.1", "", "", "amd64", CAPACITY, 0, 0, "", "", "", true);
  }

  long leaderEpoch() {
    return agent == null ? 0 : agent.leaderEpoch();
  }

  void boot() {
    dying = false;
    if (agent == null) {
      lives++;
      agent =
          new SimulatedAgent(
              directory, node, world.time()::nanos, clock(), world.chance()::fraction);
      world.note(name + "'s agent starts");
      wakesAt = Instant.MAX;
      wakeIn(1);
      dialIn(world.chance().between(1, 300));
    }
  }

  /** At one of its next calls of the engine. */
  void crashSoon() {
    dying = agent != null;
  }

  void crash() {
    dying = false;
    if (agent != null) {
      world.note(name + "'s agent dies");
      Session open = session;
      if (open != null) {
        agent.speak().ifPresent(open::reportLate);
      }
      agent = null;
      lives++;
      if (open != null) {
        open.end("the agent died");
      }
    }
  }

  void offline(boolean now) {
    offline = now;
    Session open = session;
    if (now && open != null) {
      open.end("the network is gone");
    }
  }

  void clockError(Duration error) {
    clockError = error;
  }

  /** Its engine fails now and then, or takes its time. */
  void trouble(boolean fails, int millis) {
    troubled = fails;
    slowness = millis;
  }

  void hangUp() {
    if (session != null) {
      session.end("a hiccup");
    }
  }

  void hungUp(Session which) {
    if (session == which) {
      session = null;
      dialIn(world.chance().between(200, 2_000));
    }
  }

  private void inLife(long millis, Runnable action) {
    int life = lives;
    world
        .time()
        .afterMillis(
            millis,
            () -> {
              if (agent != null && lives == life) {
                action.run();
              }
            });
  }

  private void dialIn(long millis) {
    inLife(millis, this::dial);
  }

  private void dial() {
    if (session != null || agent == null) {
      return;
    }
    session = offline ? null : world.anyPlane().flatMap(p -> p.open(this)).orElse(null);
    if (session == null) {
      dialIn(world.chance().between(500, 3_000));
      return;
    }
    agent.welcome();
    if (world.leasing()) {
      beat(session);
    }
    session.greet(StatusReport.newBuilder().setSwarm(agent.swarm()).build());
    wakeIn(1);
  }

  private void beat(Session open) {
    if (session == open && agent != null) {
      open.heartbeat(agent.heartbeat());
      inLife(Plane.HEARTBEAT.toMillis(), () -> beat(open));
    }
  }

  void granted(VolumeLease lease) {
    if (agent != null) {
      agent.granted(lease);
      world.note(name + " has lease " + lease.getNumber() + " of " + lease.getServiceIdsList());
      wakeIn(1);
    }
  }

  /** False when it wants a complete set. */
  boolean receive(AssignmentSet set) {
    if (agent == null) {
      return true;
    }
    long before = agent.leaderEpoch();
    boolean taken = agent.receive(set);
    world.note(
        "%s hears %s %d to %d of epoch %d%s"
            .formatted(
                name,
                set.getKind(),
                set.getAppliesTo(),
                set.getResultsIn(),
                set.getLeaderEpoch(),
                taken ? "" : ", a gap"));
    world.witness().holds(agent.leaderEpoch() >= before, () -> name + " went back an epoch");
    wakeIn(1);
    return taken;
  }

  void acked(long sequence) {
    if (agent != null) {
      agent.acked(sequence);
    }
  }

  private void wakeIn(long millis) {
    Instant at = world.time().instant().plusMillis(millis);
    if (at.isBefore(wakesAt)) {
      wakesAt = at;
      inLife(
          millis,
          () -> {
            if (wakesAt.equals(at)) {
              think();
            }
          });
    }
  }

  private void think() {
    wakesAt = Instant.MAX;
    SimulatedAgent thinker = agent;
    if (thinker == null) {
      return;
    }
    world.swarm().advance();
    node.takeEvents().stream().filter(e -> !world.fault(10)).forEach(thinker::hint);
    Duration due = thinker.think();
    List<Runnable> chores = List.copyOf(thinker.chores());
    thinker.chores().clear();
    chores.forEach(c -> inLife(world.chance().between(1, slowness), () -> work(c)));
    Session open = session;
    if (open != null) {
      thinker.speak().ifPresent(open::report);
    }
    wakeIn(due.compareTo(SOONEST) < 0 ? SOONEST.toMillis() : due.toMillis());
  }

  private void work(Runnable chore) {
    try {
      chore.run();
    } catch (Crash e) {
      crash();
    }
    world.witness().look(world.swarm());
    wakeIn(world.chance().between(1, 5));
  }

  /** Whether there is nothing that it was told and has not done. */
  boolean done() {
    return agent != null && session != null && agent.tombstones() == 0;
  }
}
