package dev.skep.simulation;

import dev.skep.agent.engine.SimulatedSwarm;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.services.SimulatedUsers;
import dev.skep.controlplane.state.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * One history: control planes, workers, their users and their troubles, all of it decided by a
 * seed. First {@link Script} makes trouble, then it heals everything, and then all has to become as
 * it was asked for.
 */
final class Simulation {
  /** For everything to become as it was asked for: the longest pause of an agent, and some work. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What is right must stay right. */
  private static final Duration CALM = Duration.ofSeconds(3);

  private final VirtualTime time = new VirtualTime();
  private final History history = new History(time);
  private final Catalogue catalogue = new Catalogue();
  private final SimulatedSwarm swarm = new SimulatedSwarm(time, catalogue);
  private final Witness witness = new Witness(swarm);
  private final Chance chance;
  private final SimulationDatabase server;
  private final MasterKey masterKey;
  private final Length length;
  private final boolean leasing;
  private final List<Machine> machines = new ArrayList<>();
  private final List<Plane> planes = new ArrayList<>();
  private final OrganizationId organization;
  private final Script script;
  private Ledger ledger;
  private long ids;

  Simulation(long seed, SimulationDatabase server, MasterKey masterKey, Path directory) {
    this.chance = new Chance(seed);
    this.length = Length.of(seed);
    this.server = server;
    this.masterKey = masterKey;
    server.clear();
    tellTime();
    Founding founding = new Founding(server.database(), this::id);
    this.organization = founding.organization();
    this.leasing = length.mayLease() && chance.percent(40);
    int workers = chance.between(leasing ? 3 : 2, length.workers());
    for (int i = 1; i <= workers; i++) {
      String name = "w" + i;
      WorkerId id = founding.worker(name, Machine.facts(name));
      machines.add(new Machine(this, name, id, disk(directory, name)));
    }
    for (int i = chance.percent(60) ? 2 : 1; i > 0; i--) {
      planes.add(new Plane(this, "plane" + i));
    }
    this.ledger = server.ledger();
    this.script = new Script(this);
  }

  private static Path disk(Path directory, String name) {
    try {
      return Files.createDirectory(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs it to its end; throws when something is wrong. */
  void run() {
    planes.forEach(Plane::start);
    machines.forEach(Machine::boot);
    script.begin();
    Instant end = VirtualTime.BEGINNING.plus(trouble());
    while (time.instant().isBefore(end)) {
      witness.holds(time.step(), () -> "nothing happens any more");
    }
    script.heal();
    settle();
  }

  private void settle() {
    Instant end = time.instant().plus(PATIENCE);
    Instant rightSince = Instant.MAX;
    Instant lookAt = time.instant();
    List<String> wrong = List.of("not looked yet");
    while (time.instant().isBefore(end)) {
      time.step();
      if (time.instant().isBefore(lookAt)) {
        continue;
      }
      lookAt = time.instant().plusSeconds(1);
      wrong = wrong();
      if (!wrong.isEmpty()) {
        rightSince = Instant.MAX;
      } else if (rightSince.equals(Instant.MAX)) {
        rightSince = time.instant();
      } else if (!time.instant().isBefore(rightSince.plus(CALM))) {
        note("all is well");
        ledger = server.ledgerForSure();
        return;
      }
    }
    List<String> last = wrong;
    witness.holds(false, () -> "not as asked for: " + String.join("\n  ", last));
  }

  private List<String> wrong() {
    List<String> wrong = new ArrayList<>(Verdict.of(ledger, swarm));
    machines.stream().filter(m -> !m.done()).forEach(m -> wrong.add(m.name() + " is not done"));
    return wrong;
  }

  History history() {
    return history;
  }

  VirtualTime time() {
    return time;
  }

  Chance chance() {
    return chance;
  }

  Witness witness() {
    return witness;
  }

  SimulatedSwarm swarm() {
    return swarm;
  }

  Catalogue catalogue() {
    return catalogue;
  }

  MasterKey masterKey() {
    return masterKey;
  }

  Database database() {
    return server.database();
  }

  SimulatedUsers.Registries registries() {
    return server.registries();
  }

  OrganizationId organization() {
    return organization;
  }

  List<Machine> machines() {
    return machines;
  }

  List<Plane> allPlanes() {
    return planes;
  }

  int planes() {
    return planes.size();
  }

  Duration trouble() {
    return script.trouble();
  }

  Length length() {
    return length;
  }

  /** Whether somebody is cut off long enough for leases to end. */
  boolean leasing() {
    return leasing;
  }

  boolean troubled() {
    return script.troubled();
  }

  Ledger ledger() {
    return ledger;
  }

  List<UUID> services() {
    return List.copyOf(ledger.services().keySet());
  }

  UUID id() {
    return new UUID(0x7000L + (time.instant().toEpochMilli() << 16), 0x8000000000000000L | ++ids);
  }

  /** The server's clock. */
  void tellTime() {
    server.setClock(time.instant());
  }

  /** Whether that is the epoch of the leader, and it still lasts. */
  boolean leadsIn(long epoch) {
    return ledger.leadsIn(epoch, time.instant());
  }

  /** Somebody renewed a lease perhaps, which nobody is told. */
  void look() {
    ledger = server.ledger();
  }

  void note(String what) {
    history.add(what);
  }

  /** Whether a fault happens that happens so often while there is trouble. */
  boolean fault(int percent) {
    return troubled() && chance.percent(percent);
  }

  Duration until(Instant at) {
    Duration left = Duration.between(time.instant(), at);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Between two turns of a leader that nobody hints at. */
  long pause() {
    return chance.between(1_500, 2_900);
  }

  Optional<Plane> anyPlane() {
    List<Plane> there = planes.stream().filter(Plane::answers).toList();
    return there.isEmpty() ? Optional.empty() : Optional.of(chance.oneOf(there));
  }

  /** Somebody wrote perhaps: the change feed tells the planes, and the witness looks. */
  void observe(String who) {
    ledger = server.ledger();
    note(who + ": revision " + ledger.revision());
    witness.see(ledger);
    Set<Change> news = server.news();
    if (!news.isEmpty()) {
      planes.forEach(p -> p.tell(news));
    }
  }
}
