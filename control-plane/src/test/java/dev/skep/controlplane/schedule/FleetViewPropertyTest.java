package dev.skep.controlplane.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Generated clusters; a failure names the seed that makes it again. */
final class FleetViewPropertyTest {
  private static final int CLUSTERS = 6_000;
  private static final int WANTS = 16;

  @Test
  void everyDecisionIsTheOneThatLookingAtEveryWorkerMakes() {
    for (long seed = 1; seed <= CLUSTERS; seed++) {
      new Run(seed).everyWant();
    }
  }

  @Test
  void theOrderInWhichWorkersAreGivenChangesNothing() {
    for (long seed = 1; seed <= CLUSTERS / 10; seed++) {
      GeneratedFleet fleet = new GeneratedFleet(seed);
      List<Worker> shuffled = new ArrayList<>(fleet.workers);
      Collections.shuffle(shuffled, new Random(seed));
      FleetView one = view(fleet, fleet.workers);
      FleetView other = view(fleet, shuffled);
      for (int i = 0; i < WANTS; i++) {
        Want want = fleet.want();
        assertThat(other.place(want)).as("seed %d", seed).isEqualTo(one.place(want));
      }
    }
  }

  private static FleetView view(GeneratedFleet fleet, List<Worker> workers) {
    return new FleetView(workers, fleet.ports, GeneratedFleet.NOW, GeneratedFleet.TIMEOUT);
  }

  /** One cluster and what is asked of it. */
  private static final class Run {
    private final long seed;
    private final GeneratedFleet fleet;
    private final FleetView view;
    private final NaiveFleet naive;
    private final List<Placed> placed = new ArrayList<>();

    private record Placed(Want want, Map<WorkerId, Integer> added) {}

    Run(long seed) {
      this.seed = seed;
      this.fleet = new GeneratedFleet(seed);
      this.view = view(fleet, fleet.workers);
      this.naive =
          new NaiveFleet(fleet.workers, fleet.ports, GeneratedFleet.NOW, GeneratedFleet.TIMEOUT);
    }

    void everyWant() {
      for (int i = 0; i < WANTS; i++) {
        Want want = fleet.want();
        Map<WorkerId, Integer> added = place(want);
        if (!added.isEmpty()) {
          placed.add(new Placed(want, added));
        }
        if (fleet.chance(2) && !placed.isEmpty()) {
          Placed old = placed.remove(fleet.any(placed.size()));
          replace(fleet.held(old.added(), old.want()));
        }
      }
    }

    private Map<WorkerId, Integer> place(Want want) {
      Decision decision = view.place(want);
      Map<WorkerId, Integer> expected = naive.place(want);

      assertThat(decision.added()).as("seed %d: %s", seed, want).isEqualTo(expected);
      assertThat(NaiveFleet.sum(decision.added()) + decision.missing())
          .as("seed %d: %s", seed, want)
          .isEqualTo(want.count());
      assertNoWorkerIsOverfull();
      assertExplained(want, decision);
      assertLimit(want, decision);
      return decision.added();
    }

    private void replace(List<Held> held) {
      Want want = fleet.wantFor(held);
      Decision decision = view.replace(held, want);

      assertThat(decision.added())
          .as("seed %d: %s for %s", seed, want, held)
          .isEqualTo(naive.replace(held, want));
      assertNoWorkerIsOverfull();
    }

    /** Of those that were not before. */
    private void assertNoWorkerIsOverfull() {
      for (NaiveFleet.Node node : naive.nodes()) {
        Resources before = node.worker.facts().capacity().minus(node.worker.reserved());
        assertThat(node.free.cpuMillis())
            .as("seed %d: cpu of %s", seed, node.worker.name())
            .isGreaterThanOrEqualTo(Math.min(0, before.cpuMillis()));
        assertThat(node.free.memoryBytes())
            .as("seed %d: memory of %s", seed, node.worker.name())
            .isGreaterThanOrEqualTo(Math.min(0, before.memoryBytes()));
      }
    }

    /** Each worker has a reason, and none of them is that it would have room. */
    private void assertExplained(Want want, Decision decision) {
      Map<WorkerId, Integer> ofService = new HashMap<>(want.present());
      decision.added().forEach((worker, n) -> ofService.merge(worker, n, Integer::sum));
      Map<String, Integer> refused =
          decision.rejections().stream()
              .collect(Collectors.toMap(Rejection::rule, Rejection::workers));
      if (decision.missing() == 0) {
        assertThat(decision.explanation()).as("seed %d", seed).isEmpty();
        assertThat(refused).as("seed %d", seed).isEmpty();
      } else {
        assertThat(refused).as("seed %d", seed).isEqualTo(naive.refusals(want, ofService));
        assertThat(refused.values().stream().mapToInt(Integer::intValue).sum())
            .as("seed %d", seed)
            .isEqualTo(fleet.workers.size());
        decision
            .rejections()
            .forEach(r -> assertThat(decision.explanation()).contains(r.sentence()));
      }
    }

    private void assertLimit(Want want, Decision decision) {
      if (want.maxPerWorker() > 0) {
        decision
            .added()
            .forEach(
                (worker, n) ->
                    assertThat(n + want.present().getOrDefault(worker, 0))
                        .as("seed %d: on %s", seed, worker)
                        .isLessThanOrEqualTo(want.maxPerWorker()));
      }
    }
  }
}
