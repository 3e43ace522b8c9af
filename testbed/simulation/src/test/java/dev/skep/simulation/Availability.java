package dev.skep.simulation;

import dev.skep.agent.engine.SimulatedSwarm.Running;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What serves goes on, unless people ask for less, its worker is in trouble, or an update replaces
 * a few at a time. A copy whose data may be lost ends by itself when its lease does, so these do
 * not count.
 */
final class Availability {
  /**
   * Per service, replicas that there were once since the last trouble, with no deployment under
   * way, and are still asked for.
   */
  private final Map<UUID, Integer> served = new HashMap<>();

  private List<Set<String>> workers = List.of();

  /**
   * Returns what is less than it may be.
   *
   * @param good workers that keep their replicas
   * @param reached those whose replicas are of use, also while they are drained
   */
  Optional<String> look(
      Ledger ledger, List<Running> running, Set<String> good, Set<String> reached) {
    List<Set<String>> now = List.of(good, reached);
    if (!now.equals(workers)) {
      workers = now;
      served.clear();
    }
    for (Ledger.Service service : ledger.services().values()) {
      int there = serving(service, running, reached);
      int before = Math.min(served.getOrDefault(service.id(), 0), service.asked());
      if (!service.leased() && there < before - service.parallel()) {
        return Optional.of(
            "%s: %d replicas serve, %d did: %s%n%s"
                .formatted(service.name(), there, before, running, ledger));
      }
      int most = service.active() == 0 ? Math.min(there, service.asked()) : 0;
      served.put(service.id(), Math.max(before, most));
    }
    return Optional.empty();
  }

  private static int serving(Ledger.Service service, List<Running> running, Set<String> reached) {
    return running.stream()
        .filter(r -> r.service().equals(service.id().toString()) && reached.contains(r.node()))
        .mapToInt(Running::serving)
        .sum();
  }

  /** A worker was in trouble, or is again. */
  void troubled() {
    served.clear();
  }
}
