package dev.skep.controlplane.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Port;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Wanted;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * Random clusters with random histories. A failure names its seed; {@code history(seed)} repeats
 * it.
 */
final class ReconcilerPropertyTest {
  private static final int HISTORIES = 3_000;
  private static final int STEPS = 12;
  private static final int PASSES = 30;

  @Test
  void noHistoryBreaksARule() {
    for (long seed = 1; seed <= HISTORIES; seed++) {
      new History(seed, 1).run();
    }
  }

  @Test
  void withRoomEveryServiceBecomesWhatIsWanted() {
    for (long seed = 1; seed <= HISTORIES / 3; seed++) {
      History history = new History(seed, 1_000);
      history.run();
      history.assertSettledAsWanted();
    }
  }

  /** One cluster, what its users do to it, and what must hold after each step. */
  private static final class History {
    private final long seed;
    private final int room;
    private final RandomGenerator random;
    private final ClusterModel model = new ClusterModel();

    History(long seed, int room) {
      this.seed = seed;
      this.room = room;
      this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    void run() {
      int workers = random.nextInt(room > 1 ? 1 : 0, 6);
      for (int i = 0; i < workers; i++) {
        model.addWorker(
            new Resources(random.nextInt(1, 9) * 500L * room, random.nextInt(1, 9) * 500L * room),
            room > 1 || random.nextInt(8) > 0
                ? EnumSet.of(WorkerRole.RUN)
                : EnumSet.of(WorkerRole.MANAGER),
            random.nextInt(3) == 0 ? Map.of("disk", "ssd") : Map.of());
      }
      for (int step = 0; step < STEPS; step++) {
        happen();
        pass();
        if (random.nextInt(3) > 0) {
          model.perfectAgents();
        }
      }
      for (WorkerId id : List.copyOf(model.workers.keySet())) {
        model.connect(id, true);
        model.upkeep(id, Upkeep.NONE);
      }
      for (int i = 0; i < PASSES; i++) {
        model.perfectAgents();
        pass();
      }
      assertExplained();
    }

    private void happen() {
      model.now = model.now.plusSeconds(random.nextInt(1, 90));
      List<ServiceId> ids = new ArrayList<>(model.services.keySet());
      if (ids.isEmpty() || random.nextInt(4) == 0) {
        model.create(spec(), random.nextInt(1, 7));
        return;
      }
      ServiceId id = ids.get(random.nextInt(ids.size()));
      if (model.service(id).wanted() == Wanted.DELETED) {
        return;
      }
      switch (random.nextInt(12)) {
        case 0 -> model.want(id, Wanted.STOPPED);
        case 1 -> model.want(id, Wanted.RUNNING);
        case 2 -> model.want(id, Wanted.DELETED);
        case 3 -> model.restart(id);
        case 4, 5 -> model.update(id, spec());
        case 6 -> flip();
        case 7 -> lose();
        case 8 -> drain();
        case 9 -> model.cancel(id);
        default -> model.scale(id, random.nextInt(1, 9));
      }
    }

    private void flip() {
      List<WorkerId> ids = new ArrayList<>(model.workers.keySet());
      if (!ids.isEmpty()) {
        WorkerId id = ids.get(random.nextInt(ids.size()));
        model.connect(id, !model.worker(id).link().connected());
      }
    }

    private void lose() {
      List<WorkerId> ids = new ArrayList<>(model.workers.keySet());
      if (!ids.isEmpty()) {
        model.lose(ids.get(random.nextInt(ids.size())));
      }
    }

    private void drain() {
      List<WorkerId> ids = new ArrayList<>(model.workers.keySet());
      if (!ids.isEmpty()) {
        boolean force = random.nextBoolean();
        Upkeep drain = new Upkeep(Upkeep.Availability.DRAINING, model.now.plusSeconds(60), force);
        WorkerId id = ids.get(random.nextInt(ids.size()));
        boolean active = model.worker(id).upkeep().availability() == Upkeep.Availability.ACTIVE;
        model.upkeep(id, active ? drain : Upkeep.NONE);
      }
    }

    private ServiceSpec spec() {
      Specs spec =
          Specs.minimal()
              .resources(new Resources(random.nextInt(1, 9) * 100L, random.nextInt(1, 9) * 100L));
      if (room == 1 && random.nextInt(4) == 0) {
        spec = spec.ports(List.of(new Port(80, 8000 + random.nextInt(3), false)));
      }
      if (room == 1 && random.nextInt(5) == 0) {
        spec = spec.workerLabels(Map.of("disk", "ssd"));
      }
      return spec.build();
    }

    private void pass() {
      for (ServiceId id : List.copyOf(model.services.keySet())) {
        int before = staying(model.service(id));
        ServicePlan plan = model.plan(id);
        assertEligible(plan);
        model.apply(plan);
        assertWorkers();
        if (model.services.containsKey(id)) {
          ServiceView after = model.service(id);
          assertThat(staying(after))
              .as("seed %d: replicas of %s", seed, after)
              .isLessThanOrEqualTo(Math.max(after.replicas() + outgrown(after), before));
          assertFewAtATime(plan, after);
          assertNothingLeftToDo(plan, after);
        }
      }
    }

    /** Of the replicas that serve, a rollout touches only so many as are allowed at a time. */
    private void assertFewAtATime(ServicePlan plan, ServiceView after) {
      int parallel = after.goal().policy().rollout().parallel(after.replicas());
      Health health = new Health(plan.view(), model.now);
      int touched = 0;
      for (PlacementChange change : plan.changes()) {
        if (change instanceof PlacementChange.Update update) {
          Placement placement = placement(plan.view(), update.id());
          int serving = placement.removing() ? 0 : health.serving(placement);
          touched += Math.min(parallel, Math.min(serving, update.replicas()));
        }
      }
      assertThat(touched)
          .as("seed %d: at a time, of %s", seed, after)
          .isLessThanOrEqualTo(parallel);
    }

    private static Placement placement(ServiceView view, PlacementId id) {
      return view.placements().stream().filter(p -> p.id().equals(id)).findFirst().orElseThrow();
    }

    /** Older replicas that may serve until their successors, which are elsewhere, do. */
    private static int outgrown(ServiceView s) {
      List<Placement> staying = s.placements().stream().filter(p -> !p.removing()).toList();
      int older = staying.stream().filter(s::outdated).mapToInt(Placement::replicas).sum();
      int newer = staying.stream().mapToInt(Placement::replicas).sum() - older;
      return Math.min(older, newer);
    }

    /** Without those that serve on a drained worker until others do. */
    private int staying(ServiceView s) {
      return s.placements().stream()
          .filter(p -> !p.removing())
          .filter(
              p -> model.worker(p.worker()).upkeep().availability() != Upkeep.Availability.DRAINING)
          .mapToInt(Placement::replicas)
          .sum();
    }

    private void assertEligible(ServicePlan plan) {
      Map<String, String> labels = plan.view().target().spec().workerLabels();
      for (PlacementChange change : plan.changes()) {
        if (change instanceof PlacementChange.Create create) {
          Worker worker = model.worker(create.worker());
          assertThat(worker.link().connected()).as("seed %d: %s is online", seed, worker).isTrue();
          assertThat(worker.roles()).as("seed %d", seed).contains(WorkerRole.RUN);
          assertThat(worker.labels()).as("seed %d", seed).containsAllEntriesOf(labels);
          assertThat(create.replicas()).as("seed %d", seed).isPositive();
        }
      }
    }

    private void assertWorkers() {
      for (Worker worker : model.workers.values()) {
        Resources used = model.reservedOn(worker.id());
        Resources capacity = worker.facts().capacity();
        assertThat(used.cpuMillis())
            .as("seed %d: cpu of %s", seed, worker.name())
            .isLessThanOrEqualTo(capacity.cpuMillis());
        assertThat(used.memoryBytes())
            .as("seed %d: memory of %s", seed, worker.name())
            .isLessThanOrEqualTo(capacity.memoryBytes());
        assertPortsOnce(worker);
        for (Placement p : model.placementsOn(worker.id())) {
          ServiceSpec spec = java.util.Objects.requireNonNull(model.specs.get(p.release()));
          assertThat(worker.labels())
              .as("seed %d: labels of %s", seed, p)
              .containsAllEntriesOf(spec.workerLabels());
        }
      }
    }

    private void assertPortsOnce(Worker worker) {
      Set<Integer> taken = new HashSet<>();
      for (Placement p : model.placementsOn(worker.id())) {
        for (int port : p.claim().hostPorts()) {
          assertThat(taken.add(port)).as("seed %d: port %d taken once", seed, port).isTrue();
          assertThat(p.replicas()).as("seed %d: one replica with port", seed).isEqualTo(1);
        }
      }
    }

    /** A second step changes nothing, unless the first one left room that was not there before. */
    private void assertNothingLeftToDo(ServicePlan plan, ServiceView after) {
      boolean roomCameBack =
          plan.changes().stream().anyMatch(c -> c instanceof PlacementChange.Forget)
              || (staying(after) < after.replicas() && !plan.changes().isEmpty());
      boolean underWay =
          after.placements().stream().anyMatch(after::outdated) || staying(after) < live(after);
      boolean otherGoal =
          plan.service().stream().anyMatch(c -> !(c instanceof ServiceChange.WaitFor));
      if (!roomCameBack && !underWay && !otherGoal) {
        ServicePlan again = model.plan(after.id());
        assertThat(again.changes()).as("seed %d: second step of %s", seed, after).isEmpty();
      }
    }

    private void assertExplained() {
      for (ServiceView s : model.services.values()) {
        String what = "seed %d: %s".formatted(seed, s);
        assertThat(s.wanted()).as(what).isNotEqualTo(Wanted.DELETED);
        if (s.wanted() == Wanted.STOPPED) {
          assertThat(s.placements()).as(what).isEmpty();
        } else if (settled(s)) {
          assertThat(s.active()).as(what).isEmpty();
        } else {
          assertThat(s.active().map(Deployment::reason).orElse("") + s.waitingFor())
              .as(what)
              .containsAnyOf(
                  "replicas have no worker; there is no worker yet", "worker: ", "workers: ");
        }
      }
    }

    void assertSettledAsWanted() {
      assertThat(model.services.values())
          .as("seed %d", seed)
          .allMatch(s -> s.wanted() == Wanted.STOPPED ? s.placements().isEmpty() : settled(s));
    }

    private static boolean settled(ServiceView s) {
      return s.placements().stream()
              .allMatch(p -> p.release().equals(s.target().id()) && p.applied() && !p.removing())
          && live(s) == s.replicas();
    }

    private static int live(ServiceView s) {
      return s.placements().stream().filter(p -> !p.removing()).mapToInt(Placement::replicas).sum();
    }
  }
}
