package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The workers of one cluster during one pass. Each decision is taken off what is free, so that two
 * services of the same pass never get the same room.
 */
public final class FleetView {
  private final List<Slot> slots = new ArrayList<>();

  /** {@code hostPorts}: fixed ports that are taken, per worker. */
  public FleetView(
      List<Worker> workers,
      Map<WorkerId, Set<Integer>> hostPorts,
      Instant now,
      Duration heartbeatTimeout) {
    for (Worker worker : workers) {
      Set<Integer> ports = new HashSet<>(hostPorts.getOrDefault(worker.id(), Set.of()));
      slots.add(new Slot(worker, closed(worker, now, heartbeatTimeout), ports));
    }
  }

  /** Why a worker takes nothing, whatever it is. */
  private static Optional<Rule> closed(Worker worker, Instant now, Duration heartbeatTimeout) {
    return switch (worker.state(now, heartbeatTimeout)) {
      case PENDING -> Optional.of(Rule.PENDING);
      case LOST -> Optional.of(Rule.LOST);
      case UNKNOWN -> Optional.of(Rule.UNKNOWN);
      case UNHEALTHY -> Optional.of(Rule.UNHEALTHY);
      case REMOVED -> Optional.of(Rule.REMOVED);
      case DRAINING, DRAINED -> Optional.of(Rule.DRAINING);
      case ONLINE -> {
        if (worker.upkeep().availability() == Upkeep.Availability.CORDONED) {
          yield Optional.of(Rule.CORDONED);
        }
        yield worker.pressure(now).isEmpty() ? Optional.empty() : Optional.of(Rule.PRESSURE);
      }
    };
  }

  /** Where each replica goes, by the strategy of the service. */
  public Decision place(Want want) {
    Candidates open = new Candidates(want);
    Refusals refusals = new Refusals(want);
    for (Slot slot : slots) {
      Optional<Rule> refused = slot.refuses(want, open.count(slot));
      if (refused.isPresent()) {
        refusals.add(refused.get(), slot.free());
      } else {
        open.add(slot);
      }
    }
    Map<WorkerId, Integer> added = new HashMap<>();
    int missing = want.count();
    while (missing > 0 && !open.isEmpty()) {
      Slot best = open.take();
      best.take(want);
      added.merge(best.worker().id(), 1, Integer::sum);
      missing--;
      Optional<Rule> full = best.refuses(want, open.count(best));
      if (full.isPresent()) {
        refusals.add(full.get(), best.free());
      } else {
        open.add(best);
      }
    }
    return missing == 0
        ? new Decision(Map.copyOf(added), 0, "", List.of())
        : new Decision(Map.copyOf(added), missing, refusals.explain(), refusals.rejections());
  }

  /**
   * Gives replicas that have a worker another shape: where they are as far as they fit, else
   * elsewhere. When not all of them fit anywhere nothing is taken, so that what runs is not lost
   * for what cannot run.
   *
   * @param want counts the held replicas that are kept, and new ones
   * @return added are all replicas of the new shape; fewer than are held means that none was taken
   */
  public Decision replace(List<Held> held, Want want) {
    List<Slot> before = slots.stream().map(Slot::copy).toList();
    held.forEach(h -> slot(h.worker()).ifPresent(slot -> slot.give(h)));
    Map<WorkerId, Integer> added = new HashMap<>();
    for (Held h : held) {
      int stay = slot(h.worker()).map(slot -> slot.takeUpTo(h.kept(), want)).orElse(h.kept());
      if (stay > 0) {
        added.merge(h.worker(), stay, Integer::sum);
      }
    }
    int stay = added.values().stream().mapToInt(Integer::intValue).sum();
    Decision rest = place(want.more(want.count() - stay, added));
    rest.added().forEach((worker, n) -> added.merge(worker, n, Integer::sum));
    int kept = held.stream().mapToInt(Held::kept).sum();
    if (want.count() - rest.missing() < kept) {
      slots.clear();
      slots.addAll(before);
      return new Decision(Map.of(), rest.missing(), rest.explanation(), rest.rejections());
    }
    return new Decision(Map.copyOf(added), rest.missing(), rest.explanation(), rest.rejections());
  }

  private Optional<Slot> slot(WorkerId worker) {
    return slots.stream().filter(slot -> slot.worker().id().equals(worker)).findFirst();
  }
}
