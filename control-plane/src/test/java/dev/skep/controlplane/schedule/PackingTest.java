package dev.skep.controlplane.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fleet.Link;
import dev.skep.controlplane.fleet.SwarmNode;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** How well workers are used: the referees for both strategies. */
final class PackingTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Resources MACHINE = new Resources(16_000, 64L << 30);

  @Test
  void packingTakesAtMostOnePercentMoreWorkersThanTheLargestFirst() {
    for (long seed = 1; seed <= 20; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      List<Integer> sizes = new ArrayList<>();
      for (int i = 0; i < 4_000; i++) {
        sizes.add(random.nextInt(1, 41) * 50);
      }
      FleetView view = view(500, i -> 0);
      Set<WorkerId> used = new HashSet<>();
      sizes.forEach(cpu -> used.addAll(place(view, cpu, 1, Strategy.BINPACK).added().keySet()));

      assertThat(used)
          .as("seed %d", seed)
          .hasSizeLessThanOrEqualTo((int) (bestFitDecreasing(sizes) * 1.01));
    }
  }

  private static int bestFitDecreasing(List<Integer> sizes) {
    // How many workers have so much left.
    TreeMap<Integer, Integer> left = new TreeMap<>();
    int workers = 0;
    for (int size : sizes.stream().sorted(Comparator.reverseOrder()).toList()) {
      Map.Entry<Integer, Integer> best = left.ceilingEntry(size);
      int room = best == null ? (int) MACHINE.cpuMillis() : best.getKey();
      if (best == null) {
        workers++;
      } else {
        left.merge(room, -1, Integer::sum);
        left.remove(room, 0);
      }
      left.merge(room - size, 1, Integer::sum);
    }
    return workers;
  }

  @Test
  void equalWorkersGetEqualNumbersHoweverManyServicesThereAre() {
    FleetView view = view(100, i -> 0);
    Map<WorkerId, Integer> load = new HashMap<>();
    for (int service = 0; service < 777; service++) {
      place(view, 100, 1 + service % 3, Strategy.SPREAD)
          .added()
          .forEach((worker, n) -> load.merge(worker, n, Integer::sum));
    }
    int most = load.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    int least = load.values().stream().mapToInt(Integer::intValue).min().orElseThrow();

    assertThat(load).hasSize(100);
    assertThat(most - least).isLessThanOrEqualTo(1);
  }

  @Test
  void zonesGetEqualNumbersHoweverManyWorkersTheyHave() {
    FleetView view = view(90, PackingTest::zone);
    Map<Integer, Integer> zones = new HashMap<>();
    place(view, 100, 1_000, Strategy.SPREAD)
        .added()
        .forEach(
            (worker, n) ->
                zones.merge(zone((int) worker.value().getLeastSignificantBits()), n, Integer::sum));

    assertThat(zones.values()).containsExactlyInAnyOrder(333, 333, 334);
  }

  private static Decision place(FleetView view, int cpu, int count, Strategy strategy) {
    Requirement requirement = new Requirement(Terms.NONE, new Resources(cpu, 64L << 20), List.of());
    Decision decision =
        view.place(new Want(count, requirement, strategy, 0, ImageCopies.NONE, Map.of()));
    assertThat(decision.missing()).isZero();
    return decision;
  }

  /** A sixth of the workers, a third, and half of them. */
  private static int zone(int number) {
    return number % 6 == 0 ? 0 : number % 6 <= 2 ? 1 : 2;
  }

  private static FleetView view(int size, IntUnaryOperator zone) {
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      workers.add(
          new Worker(
              new WorkerId(new UUID(0, i)),
              new ClusterId(new UUID(0, 0)),
              "w" + i,
              Set.of(WorkerRole.RUN),
              Map.of(Worker.ZONE, "z" + zone.applyAsInt(i)),
              Set.of(),
              new WorkerFacts("", "", "", "", "amd64", MACHINE, 0, 0, "", "", "", true),
              new SwarmNode("n", "ready", "", false, true, NOW),
              new Link(true, NOW, NOW),
              Upkeep.NONE,
              Map.of(),
              Resources.NONE,
              0,
              NOW));
    }
    return new FleetView(workers, Map.of(), NOW, Duration.ofMinutes(2));
  }
}
