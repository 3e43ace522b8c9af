package dev.skep.simulation;

import static java.util.stream.Collectors.toSet;

import dev.skep.agent.engine.SimulatedNode;
import dev.skep.agent.engine.SimulatedSwarm;
import dev.skep.agent.engine.SimulatedSwarm.Running;
import dev.skep.agent.engine.SimulatedSwarm.Writer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Sees the database and every container at every moment, and says what must never be.
 *
 * <p>Replicas that have a place are never more than were asked for; what was placed when more was
 * asked for goes with the next pass, and does not come back. Of what has a place never more runs,
 * but for those of an update that are started before the old ones end; a service with a host port
 * has none of these. Workers that are drained, lost or cut off do not count: others may have taken
 * their place, and may go on for a while when they come back.
 */
final class Witness {
  private final SimulatedSwarm swarm;
  private Ledger ledger = Ledger.EMPTY;

  /** Per placement, the most replicas of which its agent may have heard and not of less. */
  private final Map<UUID, Integer> granted = new HashMap<>();

  /** Per service, replicas that had a place last. */
  private final Map<UUID, Integer> placed = new HashMap<>();

  private final Map<UUID, Integer> running = new HashMap<>();

  /** Per service, the copy that wrote its volumes last. */
  private final Map<String, Writer> writers = new HashMap<>();

  private final Availability availability = new Availability();

  private int moves;

  private final Map<String, Long> generations = new HashMap<>();

  /** Nodes that counted when it was looked last, at containers and at rows. */
  private Set<String> counted = new HashSet<>();

  private Set<String> countedRows = new HashSet<>();

  Witness(SimulatedSwarm swarm) {
    this.swarm = swarm;
  }

  static final class Broken extends AssertionError {
    private static final long serialVersionUID = 1L;

    Broken(String what) {
      super(what);
    }
  }

  void holds(boolean what, Supplier<String> otherwise) {
    if (!what) {
      throw new Broken(otherwise.get());
    }
  }

  void see(Ledger now) {
    ledger = now;
    Set<String> good = goodNodes();
    boolean others = !good.equals(countedRows);
    countedRows = good;
    Map<UUID, Integer> grants = new HashMap<>();
    Map<UUID, Integer> places = new HashMap<>();
    for (Ledger.Placement p : now.placements()) {
      int before = granted.getOrDefault(p.id(), 0);
      grants.put(p.id(), p.settled() ? p.replicas() : Math.max(before, p.replicas()));
      if (good.contains(p.node()) && !p.removing()) {
        places.merge(p.service(), p.replicas(), Integer::sum);
      }
    }
    places.forEach(
        (id, there) -> {
          int most = Math.max(asked(id), placed.getOrDefault(id, 0));
          holds(
              others || there <= most,
              () ->
                  "%s: %d replicas have places, not %d%n%s".formatted(name(id), there, most, now));
        });
    granted.clear();
    granted.putAll(grants);
    placed.clear();
    placed.putAll(places);
    look(swarm);
  }

  private int asked(UUID service) {
    return ledger.services().containsKey(service) ? ledger.services().get(service).asked() : 0;
  }

  private String name(UUID service) {
    return ledger.services().containsKey(service)
        ? ledger.services().get(service).name()
        : service.toString();
  }

  /** Also where nobody sees it: its data is written in one place. */
  private void writers(SimulatedSwarm all) {
    Map<String, Writer> there = new HashMap<>();
    for (Writer writer : all.writers()) {
      var other = there.put(writer.service(), writer);
      holds(other == null, () -> "two copies write: " + other + " and " + writer);
      var last = writers.put(writer.service(), writer);
      if (last != null && !last.node().equals(writer.node()) && !reached().contains(last.node())) {
        moves++;
      }
    }
  }

  private Set<String> reached() {
    return swarm.nodes().stream()
        .filter(SimulatedNode::reached)
        .map(SimulatedNode::id)
        .collect(toSet());
  }

  /** How often a copy with volumes started elsewhere while nobody reached the last one's worker. */
  int moves() {
    return moves;
  }

  void look(SimulatedSwarm all) {
    writers(all);
    Set<String> good = goodNodes();
    boolean others = !good.equals(counted);
    counted = good;
    Map<UUID, Integer> there = new HashMap<>();
    Map<UUID, Integer> most = new HashMap<>();
    ledger.placements().stream()
        .filter(p -> good.contains(p.node()))
        .forEach(p -> most.merge(p.service(), granted.getOrDefault(p.id(), 0), Integer::sum));
    List<Running> now = all.running();
    for (Running service : now) {
      generation(service);
      if (good.contains(service.node())) {
        UUID id = UUID.fromString(service.service());
        there.merge(id, service.surge() > 0 ? service.serving() : service.alive(), Integer::sum);
        most.merge(id, service.surge(), Integer::sum);
      }
    }
    there.forEach(
        (id, replicas) -> {
          int bound = Math.max(most.getOrDefault(id, 0), running.getOrDefault(id, 0));
          holds(
              others || replicas <= bound,
              () ->
                  "%s: %d replicas run, asked for are %d, and %d may%n%s%n%s"
                      .formatted(name(id), replicas, asked(id), bound, now, ledger));
        });
    running.clear();
    running.putAll(there);
    availability
        .look(ledger, now, good, reached())
        .ifPresent(
            less -> {
              throw new Broken(less);
            });
  }

  /** Something happened to a worker that is a reason for its replicas to end. */
  void troubled() {
    availability.troubled();
  }

  private void generation(Running service) {
    long before = generations.getOrDefault(service.placement(), 0L);
    holds(service.generation() >= before, () -> "an older generation was applied: " + service);
    generations.put(service.placement(), service.generation());
  }

  private Set<String> goodNodes() {
    Set<String> good = new HashSet<>();
    for (SimulatedNode node : swarm.nodes()) {
      boolean standing =
          ledger.workers().stream()
              .noneMatch(
                  w ->
                      w.node().equals(node.id())
                          && (w.lost() || w.availability().equals("DRAINING")));
      if (standing && node.reached()) {
        good.add(node.id());
      }
    }
    return good;
  }
}
