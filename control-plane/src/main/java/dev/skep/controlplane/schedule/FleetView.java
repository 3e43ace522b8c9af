package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
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
      boolean ready = worker.open(now, heartbeatTimeout);
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
      return new Decision(Map.of(), rest.missing(), rest.explanation());
    }
    return new Decision(Map.copyOf(added), rest.missing(), rest.explanation());
  }

  private Optional<Slot> slot(WorkerId worker) {
    return slots.stream().filter(slot -> slot.worker.id().equals(worker)).findFirst();
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

    Slot copy() {
      Slot copy = new Slot(worker, ready, new HashSet<>(hostPorts));
      copy.used = used;
      copy.replicas = replicas;
      return copy;
    }

    void give(Held held) {
      used = used.minus(held.each().times(held.reserved()));
      replicas -= held.reserved();
      held.hostPorts().forEach(hostPorts::remove);
    }

    /** Also on a worker that is not ready: what is there waits for it to come back. */
    int takeUpTo(int count, Want want) {
      int taken = 0;
      while (taken < count && unfit(want).isEmpty()) {
        take(want);
        taken++;
      }
      return taken;
    }

    Optional<Rule> refuses(Want want) {
      return ready ? unfit(want) : Optional.of(Rule.NOT_READY);
    }

    private Optional<Rule> unfit(Want want) {
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
