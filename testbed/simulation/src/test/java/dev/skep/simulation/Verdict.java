package dev.skep.simulation;

import dev.skep.agent.engine.SimulatedSwarm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is not as it was asked for; empty when all is. */
final class Verdict {
  private Verdict() {}

  static List<String> of(Ledger ledger, SimulatedSwarm swarm) {
    List<String> wrong = new ArrayList<>();
    Map<String, SimulatedSwarm.Running> there = new TreeMap<>();
    swarm.running().forEach(r -> there.put(r.placement(), r));
    for (Ledger.Service service : ledger.services().values()) {
      int placed =
          ledger.placements().stream()
              .filter(p -> p.service().equals(service.id()))
              .mapToInt(Ledger.Placement::replicas)
              .sum();
      if (service.active() > 0) {
        wrong.add(service.name() + " has a deployment under way");
      }
      if (placed != service.asked() || service.wanted().equals("DELETED")) {
        wrong.add("%s has %d replicas placed: %s".formatted(service.name(), placed, service));
      }
    }
    ledger.placements().forEach(p -> placement(ledger, p, there.remove(p.id().toString()), wrong));
    there.values().forEach(r -> wrong.add("left over: " + r));
    if (!swarm.calm()) {
      wrong.add("replicas start or stop: " + swarm.running());
    }
    swarm.nodes().stream()
        .filter(n -> n.orphans() > 0)
        .forEach(n -> wrong.add(n.id() + " has containers of no service"));
    swarm.nodes().stream()
        .filter(n -> !ledger.images().containsAll(n.imagesThere()))
        .forEach(n -> wrong.add(n.id() + " has images of no release: " + n.imagesThere()));
    int networks = ledger.services().isEmpty() ? 0 : 1;
    if (swarm.networkCount() != networks) {
      wrong.add(swarm.networkCount() + " networks");
    }
    return wrong;
  }

  private static void placement(
      Ledger ledger,
      Ledger.Placement row,
      SimulatedSwarm.@org.jspecify.annotations.Nullable Running there,
      List<String> wrong) {
    Ledger.Service service = ledger.services().get(row.service());
    boolean seen =
        row.settled()
            && !row.removing()
            && service != null
            && row.release().equals(service.release());
    if (!seen) {
      wrong.add("not settled: " + row);
    }
    if (there == null
        || service == null
        || there.alive() != row.replicas()
        || there.generation() != row.generation()
        || !there.node().equals(row.node())
        || !there.image().equals(service.image())) {
      wrong.add("%s runs as %s".formatted(row, there));
    }
  }
}
