package dev.skep.simulation;

import dev.skep.agent.v1.StatusReport;
import dev.skep.controlplane.agentlink.SimulatedSessions;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.ingest.SimulatedIngest;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.loop.SimulatedLoop;
import dev.skep.controlplane.state.Change;
import dev.skep.controlplane.state.ClusterState;
import dev.skep.controlplane.state.LeaderLease;
import dev.skep.controlplane.state.SimulatedPresence;
import dev.skep.controlplane.state.SwarmUpkeep;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A control plane: everything real but its threads and connections. */
final class Plane {
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofMinutes(2);
  static final Duration HEARTBEAT = Duration.ofSeconds(2);
  private static final Duration RENEW = Duration.ofSeconds(3);
  private static final Duration HEARTBEATS = Duration.ofSeconds(20);

  private static final Change ANYTHING = new Change(Change.Topic.EVERYTHING, new UUID(0, 0));

  private final Simulation world;
  private final String name;
  private final List<Runnable> postponed = new ArrayList<>();
  private final List<Session> sessions = new ArrayList<>();
  private @Nullable Running process;
  private boolean frozen;
  private Duration clockError = Duration.ZERO;

  /** Rows that it writes before it dies; never when negative. */
  private int idsLeft = -1;

  /** Where its own monotonic clock stands while it is frozen in the middle of something. */
  private long frozenAt;

  private int lives;

  /** What a process has in memory. */
  private record Running(
      SimulatedPresence presence,
      SimulatedLoop loop,
      SimulatedIngest ingest,
      SimulatedSessions store,
      AssignmentReader reader,
      Memory memory) {}

  private static final class Memory {
    private Instant renewed = Instant.EPOCH;
    private Instant heard = VirtualTime.BEGINNING;
    private final Set<Change> news = new LinkedHashSet<>();
    private boolean turnWaits;
  }

  Plane(Simulation world, String name) {
    this.world = world;
    this.name = name;
  }

  void start() {
    lives++;
    frozen = false;
    InstantSource clock = () -> world.time().instant().plus(clockError);
    Database database = world.database();
    var presence = new SimulatedPresence(database, world::id, this::nanos, name + ":9443");
    var state = new ClusterState(database, presence.lease(), this::id);
    var swarms = new SwarmUpkeep(database, presence.lease(), this::id);
    process =
        new Running(
            presence,
            new SimulatedLoop(state, swarms, presence.lease(), clock, HEARTBEAT_TIMEOUT),
            new SimulatedIngest(database, world.masterKey()),
            new SimulatedSessions(database, HEARTBEAT),
            new AssignmentReader(database, world.masterKey()),
            new Memory());
    presence.whenAbsent(() -> List.copyOf(sessions).forEach(s -> s.end("its home is gone")));
    presence.beat();
    world.note(name + " starts");
    beatIn(3_000);
    tickIn(world.chance().between(1, 500));
  }

  private UUID id() {
    if (idsLeft == 0) {
      throw new Crash();
    }
    idsLeft--;
    return world.id();
  }

  private long nanos() {
    return frozenAt > 0 ? frozenAt : world.time().nanos();
  }

  void startIfDead() {
    idsLeft = -1;
    if (process == null) {
      start();
    }
  }

  /** While it writes a plan, after so many rows of it. */
  void crashSoon(int rows) {
    idsLeft = rows;
  }

  void crash() {
    idsLeft = -1;
    frozen = false;
    frozenAt = 0;
    world.note(name + " crashes");
    process = null;
    postponed.clear();
    List.copyOf(sessions).forEach(s -> s.lost("the control plane died"));
    sessions.clear();
  }

  void freeze() {
    world.note(name + " freezes");
    frozen = true;
    frozenAt = world.time().nanos();
  }

  void thaw() {
    if (frozen) {
      world.note(name + " thaws");
      frozen = false;
      // What a leader was about to do when it stopped comes first, before it looks at its lease.
      guarded(
          p -> {
            p.loop.hint();
            pass(p);
          });
      frozenAt = 0;
      List<Runnable> waiting = List.copyOf(postponed);
      postponed.clear();
      waiting.forEach(Runnable::run);
    }
  }

  void clockError(Duration error) {
    clockError = error;
  }

  boolean alive() {
    return process != null;
  }

  boolean answers() {
    return process != null && !frozen;
  }

  /** Runs in this life of the process, later if it is frozen then. */
  private void later(long millis, Consumer<Running> action) {
    int life = lives;
    world.time().afterMillis(millis, () -> inLife(life, action));
  }

  private void inLife(int life, Consumer<Running> action) {
    Running now = process;
    if (now == null || lives != life) {
      return;
    }
    if (frozen) {
      postponed.add(() -> inLife(life, action));
    } else {
      guarded(action);
    }
  }

  private void guarded(Consumer<Running> action) {
    Running now = process;
    if (now != null) {
      world.tellTime();
      try {
        action.accept(now);
      } catch (Crash e) {
        crash();
        world.observe(name + "'s last words");
      }
    }
  }

  private void beatIn(long millis) {
    if (world.planes() > 1 || (millis > 0 && lives > 1)) {
      later(
          millis,
          p -> {
            p.presence.beat();
            world.observe("presence");
            if (world.planes() > 1 || world.time().passed().compareTo(world.trouble()) < 0) {
              beatIn(3_000);
            }
          });
    }
  }

  private void tickIn(long millis) {
    later(
        millis,
        p -> {
          p.loop.hint();
          turn(p);
          heartbeats(p);
          p.store.grant();
          tickIn(world.pause());
        });
  }

  /** The change feed's word. Who misses one learns that it missed something, and not what. */
  void tell(Set<Change> news) {
    if (world.fault(5)) {
      later(world.chance().between(500, 5_000), p -> hear(p, Set.of(ANYTHING)));
    } else {
      Optional.ofNullable(process).ifPresent(p -> hear(p, news));
    }
  }

  private void hear(Running now, Set<Change> news) {
    now.memory.news.addAll(news);
    if (!now.memory.turnWaits) {
      now.memory.turnWaits = true;
      later(
          world.chance().between(1, 250),
          p -> {
            p.memory.turnWaits = false;
            p.memory.news.forEach(p.loop::hint);
            p.memory.news.clear();
            turn(p);
          });
    }
    if (news.stream().anyMatch(change -> change.topic() != Change.Topic.SERVICE)) {
      List.copyOf(sessions).forEach(Session::changed);
    }
  }

  private void turn(Running p) {
    Instant now = world.time().instant();
    if (!now.isBefore(p.memory.renewed.plus(RENEW))) {
      p.memory.renewed = now;
      p.presence.renew();
      world.look();
    }
    pass(p);
  }

  private void pass(Running p) {
    try {
      lead(p);
    } catch (LeaderLease.LeadershipLost e) {
      world.note(name + " is not the leader any more");
      p.memory.renewed = Instant.EPOCH;
    }
  }

  /** Who only thinks that it leads must change nothing. */
  private void lead(Running p) {
    long epoch = p.presence.lease().epoch();
    if (epoch == 0) {
      p.loop.turn();
      return;
    }
    if (world.leadsIn(epoch)) {
      try {
        p.loop.turn();
      } finally {
        world.observe(name + " turn");
      }
      return;
    }
    world.observe(name + " thinks that it leads in epoch " + epoch);
    Ledger before = world.ledger();
    try {
      p.loop.turn();
    } finally {
      world.observe(name + " thought that it leads");
      world.witness().holds(world.ledger().equals(before), () -> name + " does not lead and wrote");
    }
  }

  private void heartbeats(Running p) {
    Instant now = world.time().instant();
    if (p.memory.heard.plus(HEARTBEATS).isBefore(now)) {
      p.memory.heard = now;
      Map<WorkerId, Instant> seen = new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
      sessions.forEach(s -> seen.put(s.machine().id(), now.plus(clockError)));
      if (!seen.isEmpty()) {
        p.store.heard(seen);
      }
    }
  }

  /** An agent dials; empty when it has to try again. */
  Optional<Session> open(Machine machine) {
    Running p = process;
    if (p == null || frozen) {
      return Optional.empty();
    }
    world.tellTime();
    try {
      long epoch =
          p.store.open(machine.id(), machine.facts(), p.presence.id(), machine.leaderEpoch());
      List.copyOf(sessions).stream()
          .filter(s -> s.machine() == machine)
          .forEach(s -> s.end("a newer one took its place"));
      var session = new Session(world, this, machine, epoch);
      session.grants(p.store.talk(machine.id(), epoch, session::granted));
      sessions.add(session);
      world.note(machine.name() + " has session " + epoch + " with " + name);
      world.observe("session");
      return Optional.of(session);
    } catch (Refusal e) {
      world.note(machine.name() + " is refused: " + e.reason());
      later(1, process -> process.presence.beat());
      return Optional.empty();
    }
  }

  /** A session's work, when it is due. */
  void forSession(Session session, long millis, Runnable work) {
    later(
        millis,
        p -> {
          if (sessions.contains(session)) {
            work.run();
          }
        });
  }

  AssignmentReader reader() {
    return Objects.requireNonNull(process).reader;
  }

  void store(Session session, StatusReport report, Runnable stored) {
    world.note("a report of " + session.machine().name() + " arrives");
    var ingest = Objects.requireNonNull(process).ingest;
    if (ingest.offer(session.machine().id(), session.epoch(), report, stored)) {
      later(
          world.chance().between(1, 40),
          p -> {
            p.ingest.store();
            world.observe("reports");
          });
    }
  }

  /** A report that was under way when its session ended. */
  void storeLate(Session session, long millis, StatusReport report) {
    later(millis, p -> store(session, report, () -> {}));
  }

  void close(Session session) {
    if (sessions.remove(session)) {
      Running p = process;
      if (p != null) {
        world.tellTime();
        p.store.close(session.machine().id(), session.epoch());
        world.observe("close");
      }
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
