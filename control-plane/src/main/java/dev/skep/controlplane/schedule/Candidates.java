package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Workers that would take one more replica, best first. Spreading looks at zones before workers:
 * two replicas in one zone die together.
 */
final class Candidates {
  private final Strategy strategy;
  private final Map<String, PriorityQueue<Choice>> zones = new HashMap<>();

  /** Replicas of the service. */
  private final Map<String, Integer> inZone = new HashMap<>();

  private final Map<WorkerId, Integer> onWorker = new HashMap<>();
  private final Want want;

  Candidates(Want want) {
    this.want = want;
    this.strategy = want.strategy();
  }

  private record Choice(Slot slot, int ofService, boolean cold) {
    static final Comparator<Choice> LEAST_LOADED =
        Comparator.comparingInt(Choice::ofService)
            .thenComparingInt(c -> c.slot.replicas())
            .thenComparing(Choice::cold)
            .thenComparing(c -> c.slot.worker().name());

    static final Comparator<Choice> FULLEST =
        Comparator.comparingLong((Choice c) -> c.slot.free().cpuMillis())
            .thenComparingLong(c -> c.slot.free().memoryBytes())
            .thenComparing(Choice::cold)
            .thenComparing(c -> c.slot.worker().name());
  }

  /** A worker that fits, for the first time or again after it was taken. */
  void add(Slot slot) {
    Worker worker = slot.worker();
    Integer known = onWorker.get(worker.id());
    int count = known == null ? want.present().getOrDefault(worker.id(), 0) : known;
    if (known == null) {
      onWorker.put(worker.id(), count);
      inZone.merge(worker.zone(), count, Integer::sum);
    }
    zones
        .computeIfAbsent(queue(worker), z -> new PriorityQueue<>(order()))
        .add(new Choice(slot, count, !want.copies().workers().contains(worker.id())));
  }

  /** Replicas of the service on a worker. */
  int count(Slot slot) {
    WorkerId id = slot.worker().id();
    return onWorker.getOrDefault(id, want.present().getOrDefault(id, 0));
  }

  boolean isEmpty() {
    return zones.values().stream().allMatch(PriorityQueue::isEmpty);
  }

  /** Takes the best one out and counts a replica more on it. */
  Slot take() {
    Map.Entry<String, PriorityQueue<Choice>> best =
        zones.entrySet().stream()
            .filter(zone -> !zone.getValue().isEmpty())
            .min(
                Comparator.comparingInt(
                        (Map.Entry<String, PriorityQueue<Choice>> zone) ->
                            inZone.getOrDefault(zone.getKey(), 0))
                    .thenComparing(zone -> zone.getValue().element(), order())
                    .thenComparing(Map.Entry::getKey))
            .orElseThrow();
    Choice choice = best.getValue().remove();
    onWorker.merge(choice.slot.worker().id(), 1, Integer::sum);
    inZone.merge(choice.slot.worker().zone(), 1, Integer::sum);
    return choice.slot;
  }

  private String queue(Worker worker) {
    return strategy == Strategy.SPREAD ? worker.zone() : "";
  }

  private Comparator<Choice> order() {
    return strategy == Strategy.SPREAD ? Choice.LEAST_LOADED : Choice.FULLEST;
  }
}
