package dev.skep.bench;

import dev.skep.controlplane.kernel.WorkerId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Voids a run whose placements are not what was asked for. */
record Referee(Fleets.Variant variant, int workers) {
  private static final double PACKING_SLACK = 1.01;

  /** Every replica is placed and told of, where it may be, within capacity, and well. */
  void judge(PlacedState state, int services, int replicas) {
    Map<WorkerId, Load> loads = loads(state);
    int placed = loads.values().stream().mapToInt(Load::replicas).sum();
    check(placed == services * replicas, placed + " placed");
    for (int i = 0; i < workers; i++) {
      Load load = loads.getOrDefault(Fleets.id(i), Load.NONE);
      check(variant.takes(i) || load.replicas == 0, "worker " + i + " must not have a replica");
      check(
          load.cpuMillis <= Fleets.MACHINE.cpuMillis()
              && load.memoryBytes <= Fleets.MACHINE.memoryBytes(),
          "worker " + i + " has too much");
    }
    switch (variant) {
      case PLAIN, THIRD, HALF, FULL -> even(loads);
      case PACKED -> dense(loads.size(), services);
    }
  }

  private record Load(int replicas, long cpuMillis, long memoryBytes) {
    static final Load NONE = new Load(0, 0, 0);

    static Load sum(Load one, Load other) {
      return new Load(
          one.replicas + other.replicas,
          one.cpuMillis + other.cpuMillis,
          one.memoryBytes + other.memoryBytes);
    }
  }

  private Map<WorkerId, Load> loads(PlacedState state) {
    Map<WorkerId, Load> loads = new HashMap<>();
    state
        .checked()
        .forEach(
            event -> {
              var size = variant.size(event.service());
              loads.merge(
                  event.worker(), new Load(1, size.cpuMillis(), size.memoryBytes()), Load::sum);
            });
    return loads;
  }

  /** Equal workers differ by one replica at most. */
  private void even(Map<WorkerId, Load> loads) {
    Set<Integer> counts = new HashSet<>();
    IntStream.range(0, workers)
        .filter(variant::takes)
        .forEach(i -> counts.add(loads.getOrDefault(Fleets.id(i), Load.NONE).replicas));
    int least = counts.stream().mapToInt(Integer::intValue).min().orElseThrow();
    int most = counts.stream().mapToInt(Integer::intValue).max().orElseThrow();
    check(most - least <= 1, least + " to " + most + " replicas on equal workers");
  }

  private void dense(int used, int services) {
    int best = bestFitDecreasing(services);
    check(used <= best * PACKING_SLACK, used + " workers used, " + best + " would do");
  }

  /** How many workers the best known simple rule needs, which sees all sizes before it begins. */
  private int bestFitDecreasing(int services) {
    List<Long> sizes =
        IntStream.range(0, services).mapToObj(s -> -variant.size(s).cpuMillis()).sorted().toList();
    TreeMap<Long, Integer> left = new TreeMap<>();
    int used = 0;
    for (long negative : sizes) {
      Long room = left.ceilingKey(-negative);
      if (room == null) {
        used++;
        room = Fleets.MACHINE.cpuMillis();
      } else {
        left.merge(room, -1, Integer::sum);
        left.remove(room, 0);
      }
      left.merge(room + negative, 1, Integer::sum);
    }
    return used;
  }

  private static void check(boolean right, String otherwise) {
    if (!right) {
      throw new IllegalStateException(otherwise);
    }
  }
}
