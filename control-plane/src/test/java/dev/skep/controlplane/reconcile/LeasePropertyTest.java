package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServicePolicy.DataPromise;
import dev.skep.controlplane.workload.ServicePolicy.Migration;
import dev.skep.controlplane.workload.Task;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * Services with volumes whose data may be lost, on workers that are cut off and come back. What
 * really runs is kept apart from what the control plane sees of it: a copy on a worker that is cut
 * off runs until its own agent stops it, at the last moment that it may. A failure names its seed.
 */
final class LeasePropertyTest {
  private static final int HISTORIES = 800;
  private static final int STEPS = 60;
  private static final int WORKERS = 5;
  private static final Duration LEASE = Duration.ofSeconds(135);
  private static final ServicePolicy MAY_BE_LOST =
      new ServicePolicy(
          ServicePolicy.Strategy.SPREAD,
          Migration.AUTOMATIC,
          DataPromise.MAY_BE_LOST,
          ServicePolicy.Rollout.DEFAULT,
          0);

  @Test
  void aVolumeNeverHasASecondWriterElsewhere() {
    int moves = 0;
    for (long seed = 1; seed <= HISTORIES; seed++) {
      moves += new History(seed).run();
    }
    assertThat(moves).as("copies that started elsewhere after a loss").isGreaterThan(HISTORIES / 4);
  }

  private static final class History {
    private final long seed;
    private final RandomGenerator random;
    private final ClusterModel model = new ClusterModel();

    /** Where a copy of each service really runs. */
    private final Map<ServiceId, Set<WorkerId>> copies = new HashMap<>();

    /** What each agent holds: no more than it was told, no less than what was written. */
    private final Map<WorkerId, ClusterModel.Grant> agents = new HashMap<>();

    private int moves;

    History(long seed) {
      this.seed = seed;
      this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    int run() {
      for (int i = 0; i < WORKERS; i++) {
        model.addWorker(new Resources(8_000, 1L << 40), EnumSet.of(WorkerRole.RUN), Map.of());
      }
      for (int i = 0; i < 2; i++) {
        ServiceId id = model.create(Specs.minimal().volumes("/data").build(), 1);
        model.policy(id, MAY_BE_LOST);
      }
      for (int step = 0; step < STEPS; step++) {
        happen();
        elapse(Duration.ofSeconds(random.nextInt(1, 40)));
        agents();
        pass();
      }
      return moves;
    }

    private void happen() {
      var workers = new ArrayList<>(model.workers.keySet());
      workers.sort((a, b) -> a.toString().compareTo(b.toString()));
      WorkerId worker = workers.get(random.nextInt(workers.size()));
      var services = new ArrayList<>(model.services.keySet());
      services.sort((a, b) -> a.toString().compareTo(b.toString()));
      ServiceId service = services.get(random.nextInt(services.size()));
      switch (random.nextInt(15)) {
        case 0, 1, 2 -> loseHome(service);
        case 3 -> model.connect(worker, false);
        case 4, 5, 6 -> model.connect(worker, true);
        case 7 ->
            model.policy(service, random.nextInt(3) == 0 ? ServicePolicy.DEFAULT : MAY_BE_LOST);
        case 8 -> model.restart(service);
        case 10, 11 -> drainHome(service);
        case 12 -> model.upkeep(worker, Upkeep.NONE);
        case 9 -> model.want(service, random.nextInt(3) == 0 ? Wanted.STOPPED : Wanted.RUNNING);
        default -> {}
      }
    }

    private void loseHome(ServiceId service) {
      long seen = model.workers.values().stream().filter(w -> w.link().connected()).count();
      if (seen > WORKERS / 2 + 1) {
        model.service(service).home().ifPresent(h -> model.lose(h.worker()));
      }
    }

    private void drainHome(ServiceId service) {
      Instant deadline = random.nextBoolean() ? model.now.plusSeconds(random.nextInt(60)) : null;
      Upkeep drain = new Upkeep(Upkeep.Availability.DRAINING, deadline, deadline != null);
      model.service(service).home().ifPresent(h -> model.upkeep(h.worker(), drain));
    }

    private void elapse(Duration time) {
      model.now = model.now.plus(time);
      for (WorkerId worker : model.workers.keySet()) {
        if (model.worker(worker).link().connected()) {
          model.connect(worker, true);
          if (random.nextInt(3) > 0 || soonOver(worker)) {
            model.grant(worker, LEASE);
          }
          if (model.grants.containsKey(worker)) {
            agents.put(worker, java.util.Objects.requireNonNull(model.grants.get(worker)));
          }
        } else {
          expire(worker);
        }
      }
    }

    /** Some heartbeats get lost, but not all of a session that is open. */
    private boolean soonOver(WorkerId worker) {
      ClusterModel.Grant held = agents.get(worker);
      return held == null || held.until().isBefore(model.now.plusSeconds(45));
    }

    /** Just before anybody may rely on it. */
    private void expire(WorkerId worker) {
      ClusterModel.Grant held = agents.get(worker);
      Instant last = held == null ? Instant.MAX : held.until();
      if (held != null && !model.now.isBefore(last)) {
        held.services().forEach(id -> copies(id).remove(worker));
      }
    }

    /** What agents and the Swarm do, and what comes of it on workers that they reach. */
    private void agents() {
      if (random.nextInt(4) > 0) {
        model.tellTheSwarm();
      }
      if (random.nextInt(3) > 0) {
        model.perfectAgents();
      } else {
        model.slowAgents();
      }
      for (ServiceView s : model.services.values()) {
        Set<WorkerId> before = Set.copyOf(copies(s.id()));
        copies(s.id()).removeIf(worker -> model.worker(worker).link().connected());
        for (Placement p : s.placements()) {
          if (model.worker(p.worker()).link().connected()
              && p.observed().tasks().stream().anyMatch(History::mayRun)
              && (p.replicas() > 0 || before.contains(p.worker()))) {
            copies(s.id()).add(p.worker());
          }
        }
        assertThat(copies(s.id()))
            .as("seed %d: copies of %s that run", seed, s)
            .hasSizeLessThanOrEqualTo(1);
      }
    }

    private static boolean mayRun(Task task) {
      return !task.ended();
    }

    private void pass() {
      for (ServiceId id : List.copyOf(model.services.keySet())) {
        ServicePlan plan = model.plan(id);
        for (PlacementChange change : plan.changes()) {
          if (change instanceof PlacementChange.Create create) {
            Set<WorkerId> elsewhere = new HashSet<>(copies(id));
            elsewhere.remove(create.worker());
            assertThat(elsewhere)
                .as("seed %d: where a copy of %s runs", seed, plan.view())
                .isEmpty();
          }
        }
        boolean left =
            plan.service().stream().anyMatch(c -> c instanceof ServiceChange.LeaveVolumes);
        moves += left ? 1 : 0;
        model.apply(plan);
      }
    }

    private Set<WorkerId> copies(ServiceId id) {
      return copies.computeIfAbsent(id, i -> new HashSet<>());
    }
  }
}
