package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.fleet.WorkerState;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
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
      boolean ready = worker.state(now, heartbeatTimeout) == WorkerState.ONLINE;
      Set<Integer> ports = new HashSet<>(hostPorts.getOrDefault(worker.id(), Set.of()));
      slots.add(new Slot(worker, ready, ports));
    }
  }

  /** Spreads over the workers with the fewest replicas of the service, then the fewest at all. */
  public Decision place(Want want) {
    PriorityQueue<Choice> open = new PriorityQueue<>(Choice.LEAST_LOADED);
    Refusals refusals = new Refusals(want);
    for (Slot slot : slots) {
      Optional<Rule> refused = slot.refuses(want);
      if (refused.isPresent()) {
        refusals.add(refused.get(), slot.free());
      } else {
        open.add(new Choice(slot, want.present().getOrDefault(slot.worker.id(), 0)));
      }
    }
    Map<WorkerId, Integer> added = new HashMap<>();
    int missing = want.count();
    while (missing > 0 && !open.isEmpty()) {
      Choice best = open.poll();
      best.slot.take(want);
      added.merge(best.slot.worker.id(), 1, Integer::sum);
      missing--;
      Optional<Rule> full = best.slot.refuses(want);
      if (full.isPresent()) {
        refusals.add(full.get(), best.slot.free());
      } else {
        open.add(new Choice(best.slot, best.ofService + 1));
      }
    }
    return new Decision(Map.copyOf(added), missing, missing == 0 ? "" : refusals.explain());
  }

  /** One worker and what is taken of it so far. */
  private static final class Slot {
    private final Worker worker;
    private final boolean ready;
    private final Set<Integer> hostPorts;
    private Resources used;
    private int replicas;

    Slot(Worker worker, boolean ready, Set<Integer> hostPorts) {
      this.worker = worker;
      this.ready = ready;
      this.hostPorts = hostPorts;
      this.used = worker.reserved();
      this.replicas = worker.replicas();
    }

    Resources free() {
      return worker.facts().capacity().minus(used);
    }

    Optional<Rule> refuses(Want want) {
      if (!ready) {
        return Optional.of(Rule.NOT_READY);
      }
      if (!worker.roles().contains(WorkerRole.RUN)) {
        return Optional.of(Rule.ROLE);
      }
      if (!worker.labels().entrySet().containsAll(want.labels().entrySet())) {
        return Optional.of(Rule.LABELS);
      }
      if (want.hostPorts().stream().anyMatch(hostPorts::contains)) {
        return Optional.of(Rule.HOST_PORT);
      }
      if (free().cpuMillis() < want.each().cpuMillis()) {
        return Optional.of(Rule.CPU);
      }
      return free().memoryBytes() < want.each().memoryBytes()
          ? Optional.of(Rule.MEMORY)
          : Optional.empty();
    }

    void take(Want want) {
      used = used.plus(want.each());
      replicas++;
      hostPorts.addAll(want.hostPorts());
    }
  }

  /** A worker that would take one more replica. */
  private record Choice(Slot slot, int ofService) {
    static final Comparator<Choice> LEAST_LOADED =
        Comparator.comparingInt(Choice::ofService)
            .thenComparingInt(c -> c.slot.replicas)
            .thenComparing(c -> c.slot.worker.name());
  }
}
