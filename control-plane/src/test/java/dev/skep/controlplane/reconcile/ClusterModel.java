package dev.skep.controlplane.reconcile;

import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fleet.Link;
import dev.skep.controlplane.fleet.SwarmNode;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.DeploymentId;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.PlacementId;
import dev.skep.controlplane.kernel.ReleaseId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.FleetView;
import dev.skep.controlplane.workload.Claim;
import dev.skep.controlplane.workload.Deployment;
import dev.skep.controlplane.workload.DeploymentState;
import dev.skep.controlplane.workload.ObjectState;
import dev.skep.controlplane.workload.Observed;
import dev.skep.controlplane.workload.Placement;
import dev.skep.controlplane.workload.Release;
import dev.skep.controlplane.workload.ServicePolicy;
import dev.skep.controlplane.workload.ServiceSpec;
import dev.skep.controlplane.workload.Task;
import dev.skep.controlplane.workload.Wanted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;

/** A cluster in memory: writes plans as the store does, and acts as agents that never fail. */
final class ClusterModel {
  static final Duration HEARTBEAT_TIMEOUT = Duration.ofMinutes(2);

  final Map<WorkerId, Worker> workers = new HashMap<>();
  final Map<ServiceId, ServiceView> services = new HashMap<>();
  final Map<ReleaseId, ServiceSpec> specs = new HashMap<>();

  /** Of those that are not simply there. */
  final Map<ImageWish, Images.Image> images = new HashMap<>();

  /** What the agents of workers were granted last. */
  final Map<WorkerId, Grant> grants = new HashMap<>();

  record Grant(Instant until, Set<ServiceId> services) {}

  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private long nextId = 1;

  UUID id() {
    return new UUID(0, nextId++);
  }

  WorkerId addWorker(Resources capacity, Set<WorkerRole> roles, Map<String, String> labels) {
    WorkerId id = new WorkerId(id());
    WorkerFacts facts =
        new WorkerFacts("h", "10.0.0.1", "", "", "amd64", capacity, 0, 0, "", "", "", true);
    workers.put(
        id,
        new Worker(
            id,
            new ClusterId(new UUID(0, 0)),
            "w" + id,
            roles,
            labels,
            Set.of(),
            facts,
            new SwarmNode("node-" + id, "ready", "", false, true, now),
            new Link(true, now, now),
            Upkeep.NONE,
            Map.of(),
            Resources.NONE,
            0,
            now));
    return id;
  }

  void connect(WorkerId id, boolean connected) {
    Worker w = worker(id);
    workers.put(id, with(w, swarm(w, "ready"), new Link(connected, now, now), w.upkeep()));
  }

  /** The session is gone and the Swarm says down. */
  void lose(WorkerId id) {
    Worker w = worker(id);
    workers.put(id, with(w, swarm(w, "down"), new Link(false, now, now), w.upkeep()));
  }

  void upkeep(WorkerId id, Upkeep upkeep) {
    Worker w = worker(id);
    workers.put(id, with(w, w.swarm(), w.link(), upkeep));
  }

  private SwarmNode swarm(Worker w, String state) {
    return new SwarmNode(w.swarm().id(), state, "", false, true, now);
  }

  private static Worker with(Worker w, SwarmNode swarm, Link link, Upkeep upkeep) {
    return new Worker(
        w.id(),
        w.cluster(),
        w.name(),
        w.roles(),
        w.labels(),
        w.taints(),
        w.facts(),
        swarm,
        link,
        upkeep,
        w.pressedSince(),
        Resources.NONE,
        0,
        w.createdAt());
  }

  ServiceId create(ServiceSpec spec, int replicas) {
    ServiceId id = new ServiceId(id());
    Release release = release(spec);
    services.put(
        id,
        new ServiceView(
            id,
            new OrganizationId(new UUID(0, 0)),
            new ClusterId(new UUID(0, 0)),
            "s" + id,
            new Goal(
                Wanted.RUNNING,
                replicas,
                0,
                release,
                Optional.empty(),
                ServicePolicy.DEFAULT,
                Optional.empty()),
            List.of(),
            Optional.of(pending(release)),
            "",
            Optional.empty()));
    return id;
  }

  void want(ServiceId id, Wanted wanted) {
    ServiceView s = service(id);
    Optional<Deployment> active =
        wanted == Wanted.RUNNING ? Optional.of(pending(s.target())) : s.active();
    put(s, wanted, s.replicas(), s.restartGeneration(), s.target(), active);
  }

  void scale(ServiceId id, int replicas) {
    ServiceView s = service(id);
    put(s, s.wanted(), replicas, s.restartGeneration(), s.target(), deployed(s, s.target()));
  }

  void update(ServiceId id, ServiceSpec spec) {
    ServiceView s = service(id);
    Release release = release(spec);
    put(s, s.wanted(), s.replicas(), s.restartGeneration(), release, deployed(s, release));
  }

  void restart(ServiceId id) {
    ServiceView s = service(id);
    put(
        s,
        Wanted.RUNNING,
        s.replicas(),
        s.restartGeneration() + 1,
        s.target(),
        Optional.of(pending(s.target())));
  }

  private Optional<Deployment> deployed(ServiceView s, Release release) {
    return s.wanted() == Wanted.RUNNING ? Optional.of(pending(release)) : Optional.empty();
  }

  private Release release(ServiceSpec spec) {
    Release release = new Release(new ReleaseId(id()), 1, "sha256:" + "0".repeat(64), spec);
    specs.put(release.id(), spec);
    return release;
  }

  private Deployment pending(Release release) {
    return new Deployment(
        new DeploymentId(id()),
        release.id(),
        DeploymentState.PENDING,
        "created",
        "",
        now,
        now,
        false,
        0);
  }

  private void put(
      ServiceView s,
      Wanted wanted,
      int replicas,
      long restarts,
      Release target,
      Optional<Deployment> active) {
    Goal g = s.goal();
    Goal goal =
        new Goal(wanted, replicas, restarts, target, g.good(), g.policy(), g.migrateRequested());
    services.put(s.id(), view(s, goal, s.placements(), active));
  }

  void policy(ServiceId id, ServicePolicy policy) {
    ServiceView s = service(id);
    Goal g = s.goal();
    Goal goal =
        new Goal(
            g.wanted(),
            g.replicas(),
            g.restartGeneration(),
            g.release(),
            g.good(),
            policy,
            g.migrateRequested());
    services.put(id, view(s, goal, s.placements(), s.active()));
  }

  void requestMigration(ServiceId id) {
    ServiceView s = service(id);
    Goal g = s.goal();
    Goal goal =
        new Goal(
            g.wanted(),
            g.replicas(),
            g.restartGeneration(),
            g.release(),
            g.good(),
            g.policy(),
            Optional.of(now));
    services.put(id, view(s, goal, s.placements(), s.active()));
  }

  void cancel(ServiceId id) {
    ServiceView s = service(id);
    services.put(
        id,
        view(
            s,
            s.goal(),
            s.placements(),
            s.active()
                .map(
                    d ->
                        new Deployment(
                            d.id(),
                            d.release(),
                            d.state(),
                            d.cause(),
                            d.reason(),
                            d.createdAt(),
                            d.phaseSince(),
                            true,
                            d.replicasBefore()))));
  }

  private static ServiceView view(
      ServiceView s, Goal goal, List<Placement> placements, Optional<Deployment> active) {
    return new ServiceView(
        s.id(),
        s.organization(),
        s.cluster(),
        s.name(),
        goal,
        placements,
        active,
        s.waitingFor(),
        s.home());
  }

  private static ServiceView at(ServiceView s, Optional<Home> home) {
    return new ServiceView(
        s.id(),
        s.organization(),
        s.cluster(),
        s.name(),
        s.goal(),
        s.placements(),
        s.active(),
        s.waitingFor(),
        home);
  }

  void requestAbandon(ServiceId id) {
    ServiceView s = service(id);
    services.put(
        id, at(s, s.home().map(h -> new Home(h.worker(), h.name(), Optional.of(now), h.lease()))));
  }

  /** The plan for one service on the state of now; nothing is written. */
  ServicePlan plan(ServiceId id) {
    ServiceView s = service(id);
    ServiceView read =
        at(
            s,
            s.home()
                .map(
                    h ->
                        new Home(
                            h.worker(), h.name(), h.abandonRequested(), lease(h.worker(), id))));
    return Reconciler.step(read, situation(read));
  }

  private Optional<Lease> lease(WorkerId worker, ServiceId id) {
    return Optional.ofNullable(grants.get(worker))
        .filter(g -> g.services().contains(id))
        .map(g -> new Lease(g.until(), now));
  }

  /** Its agent is heard, and may let copies run for so long. */
  void grant(WorkerId worker, Duration validFor) {
    Set<ServiceId> leased = new HashSet<>();
    services.values().stream()
        .filter(s -> s.hasVolumes() && s.goal().policy().leavesVolumes())
        .filter(s -> s.home().filter(h -> h.worker().equals(worker)).isPresent())
        .forEach(s -> leased.add(s.id()));
    grants.put(worker, new Grant(now.plus(validFor), leased));
  }

  private Situation situation(ServiceView view) {
    Map<ImageWish, Images.Image> known = new HashMap<>(images);
    workers
        .keySet()
        .forEach(
            w ->
                known.putIfAbsent(
                    new ImageWish(w, view.target().image()),
                    new Images.Image(ObjectState.APPLIED, "")));
    return new Situation(
        fleet(), Fate.of(workers.values(), now, HEARTBEAT_TIMEOUT), new Images(known), now);
  }

  FleetView fleet() {
    Map<WorkerId, Set<Integer>> ports = new HashMap<>();
    List<Worker> counted = new ArrayList<>();
    for (Worker w : workers.values()) {
      counted.add(reserved(w));
      placementsOn(w.id())
          .forEach(
              p ->
                  ports
                      .computeIfAbsent(w.id(), x -> new HashSet<>())
                      .addAll(p.claim().hostPorts()));
    }
    return new FleetView(counted, ports, now, HEARTBEAT_TIMEOUT);
  }

  private Worker reserved(Worker w) {
    return new Worker(
        w.id(),
        w.cluster(),
        w.name(),
        w.roles(),
        w.labels(),
        w.taints(),
        w.facts(),
        w.swarm(),
        w.link(),
        w.upkeep(),
        w.pressedSince(),
        reservedOn(w.id()),
        placementsOn(w.id()).stream().mapToInt(Placement::replicas).sum(),
        w.createdAt());
  }

  Resources reservedOn(WorkerId worker) {
    return placementsOn(worker).stream()
        .map(p -> p.claim().each().times(p.replicas()))
        .reduce(Resources.NONE, Resources::plus);
  }

  List<Placement> placementsOn(WorkerId worker) {
    return services.values().stream()
        .flatMap(s -> s.placements().stream())
        .filter(p -> p.worker().equals(worker))
        .toList();
  }

  void apply(ServicePlan plan) {
    ServiceView s = plan.view();
    if (plan.service().contains(new ServiceChange.Purge())) {
      services.remove(s.id());
      return;
    }
    List<Placement> placements = new ArrayList<>(s.placements());
    plan.changes().forEach(change -> apply(s, change, placements));
    Optional<Home> home = homeAfter(plan);
    Optional<Deployment> active = s.active();
    for (DeploymentStep step : plan.steps()) {
      active = active.map(d -> stepped(d, step));
    }
    services.put(
        s.id(), view(s, s.goal(), List.copyOf(placements), active.filter(d -> !d.state().ended())));
    plan.service().forEach(change -> apply(s.id(), change));
    services.put(s.id(), at(service(s.id()), home));
  }

  /** Volumes are where the replica that names them first goes. */
  private Optional<Home> homeAfter(ServicePlan plan) {
    ServiceView s = plan.view();
    Optional<Home> home = s.home();
    for (ServiceChange change : plan.service()) {
      home =
          switch (change) {
            case ServiceChange.LeaveVolumes l -> Optional.empty();
            case ServiceChange.StayWithVolumes x ->
                home.map(h -> new Home(h.worker(), h.name(), Optional.empty(), h.lease()));
            default -> home;
          };
    }
    for (PlacementChange change : plan.changes()) {
      Optional<WorkerId> worker =
          switch (change) {
            case PlacementChange.Create c -> Optional.of(c.worker());
            case PlacementChange.Update u ->
                s.placements().stream()
                    .filter(p -> p.id().equals(u.id()))
                    .map(Placement::worker)
                    .findFirst();
            default -> Optional.empty();
          };
      if (s.hasVolumes() && home.isEmpty()) {
        home = worker.map(w -> new Home(w, worker(w).name(), Optional.empty(), Optional.empty()));
      }
    }
    return home;
  }

  private void apply(ServiceId id, ServiceChange change) {
    ServiceView s = service(id);
    Goal g = s.goal();
    switch (change) {
      case ServiceChange.Proven(Release release) -> {
        Goal goal =
            new Goal(
                g.wanted(),
                g.replicas(),
                g.restartGeneration(),
                g.release(),
                Optional.of(release),
                g.policy(),
                g.migrateRequested());
        services.put(id, view(s, goal, s.placements(), s.active()));
      }
      case ServiceChange.GoBack(Release release, String cause) ->
          put(
              s,
              s.wanted(),
              s.replicas(),
              s.restartGeneration(),
              release,
              Optional.of(pending(release)));
      case ServiceChange.Stop() ->
          put(s, Wanted.STOPPED, s.replicas(), s.restartGeneration(), s.target(), s.active());
      case ServiceChange.ScaleBack(int replicas) ->
          put(s, s.wanted(), replicas, s.restartGeneration(), s.target(), s.active());
      case ServiceChange.WaitFor(String what) ->
          services.put(
              id,
              new ServiceView(
                  s.id(),
                  s.organization(),
                  s.cluster(),
                  s.name(),
                  g,
                  s.placements(),
                  s.active(),
                  what,
                  s.home()));
      case ServiceChange.LeaveVolumes l -> {}
      case ServiceChange.StayWithVolumes x -> {}
      case ServiceChange.Purge() -> throw new AssertionError("was handled");
    }
  }

  private Deployment stepped(Deployment d, DeploymentStep step) {
    Instant since = d.state() == step.state() ? d.phaseSince() : now;
    return new Deployment(
        d.id(),
        d.release(),
        step.state(),
        d.cause(),
        step.reason(),
        d.createdAt(),
        since,
        d.cancelRequested(),
        d.replicasBefore());
  }

  private void apply(ServiceView s, PlacementChange change, List<Placement> placements) {
    ServiceSpec spec = s.target().spec();
    Claim claim = new Claim(spec.resources(), spec.hostPorts());
    switch (change) {
      case PlacementChange.Create(WorkerId worker, ReleaseId release, int n, long restarts) ->
          placements.add(
              new Placement(
                  new PlacementId(id()),
                  worker,
                  release,
                  n,
                  1,
                  restarts,
                  false,
                  claim,
                  Observed.NOTHING));
      case PlacementChange.Update(PlacementId id, ReleaseId release, int n, long restarts) ->
          placements.replaceAll(p -> p.id().equals(id) ? next(p, release, n, restarts, claim) : p);
      case PlacementChange.Resize(PlacementId id, int n) ->
          placements.replaceAll(
              p ->
                  p.id().equals(id)
                      ? next(p, p.release(), n, p.restartGeneration(), p.claim())
                      : p);
      case PlacementChange.Remove(PlacementId id) ->
          placements.replaceAll(p -> p.id().equals(id) ? removed(p) : p);
      case PlacementChange.Forget(PlacementId id) -> placements.removeIf(p -> p.id().equals(id));
    }
  }

  private static Placement next(Placement p, ReleaseId release, int n, long restarts, Claim claim) {
    return new Placement(
        p.id(),
        p.worker(),
        release,
        n,
        p.generation() + 1,
        restarts,
        false,
        claim,
        pending(p.observed()));
  }

  private static Placement removed(Placement p) {
    return new Placement(
        p.id(),
        p.worker(),
        p.release(),
        p.replicas(),
        p.generation() + 1,
        p.restartGeneration(),
        true,
        p.claim(),
        pending(p.observed()));
  }

  private static Observed pending(Observed seen) {
    return new Observed(seen.generation(), ObjectState.PENDING, "", "", seen.tasks());
  }

  /** Every agent does at once what it was told. */
  void perfectAgents() {
    services.replaceAll((id, s) -> observed(s, s.placements().stream().map(this::done).toList()));
  }

  /** The Swarm has nothing of what is to go, although the worker is not seen. */
  void removedFromTheSwarm(ServiceId id) {
    ServiceView s = service(id);
    services.put(
        id,
        observed(
            s,
            s.placements().stream()
                .map(
                    p ->
                        p.removing()
                            ? seen(
                                p,
                                new Observed(
                                    p.generation(), ObjectState.REMOVED, "", "", List.of()))
                            : p)
                .toList()));
  }

  /** The Swarm knows what is wanted on workers that it does not reach, where nobody does it. */
  void tellTheSwarm() {
    services.replaceAll((id, s) -> observed(s, s.placements().stream().map(this::told).toList()));
  }

  private Placement told(Placement p) {
    if (worker(p.worker()).link().connected()) {
      return p;
    }
    List<Task> tasks = p.removing() ? List.of() : p.observed().tasks();
    ObjectState state = p.removing() ? ObjectState.REMOVED : ObjectState.APPLIED;
    return seen(p, new Observed(p.generation(), state, "", "", tasks));
  }

  /** Agents do what they were told, but what has to stop takes its time. */
  void slowAgents() {
    services.replaceAll((id, s) -> observed(s, s.placements().stream().map(this::slow).toList()));
  }

  private Placement slow(Placement p) {
    Placement done = done(p);
    List<Task> stopping =
        p.observed().tasks().stream()
            .filter(t -> !t.ended() && done.observed().tasks().isEmpty())
            .map(
                t ->
                    new Task(
                        t.id(), t.generation(), t.containerId(), t.state(), false, "", t.since()))
            .toList();
    Observed seen = done.observed();
    return stopping.isEmpty()
        ? done
        : seen(
            p,
            new Observed(seen.generation(), seen.state(), seen.code(), seen.message(), stopping));
  }

  ServiceView observed(ServiceView s, List<Placement> placements) {
    return view(s, s.goal(), placements, s.active());
  }

  private Placement done(Placement p) {
    if (!worker(p.worker()).link().connected()) {
      return p;
    }
    Observed seen =
        p.removing()
            ? new Observed(p.generation(), ObjectState.REMOVED, "", "", List.of())
            : new Observed(p.generation(), ObjectState.APPLIED, "", "", running(p));
    return seen(p, seen);
  }

  static Placement seen(Placement p, Observed observed) {
    return new Placement(
        p.id(),
        p.worker(),
        p.release(),
        p.replicas(),
        p.generation(),
        p.restartGeneration(),
        p.removing(),
        p.claim(),
        observed);
  }

  private List<Task> running(Placement p) {
    return IntStream.range(0, p.replicas())
        .mapToObj(
            i ->
                new Task(
                    "t" + i,
                    p.generation(),
                    "c" + i,
                    "running",
                    true,
                    "",
                    now.minus(Health.MONITOR)))
        .toList();
  }

  Worker worker(WorkerId id) {
    return java.util.Objects.requireNonNull(workers.get(id));
  }

  ServiceView service(ServiceId id) {
    return java.util.Objects.requireNonNull(services.get(id));
  }

  static ServiceSpec spec(long cpu, long memory) {
    return Specs.minimal().resources(new Resources(cpu, memory)).build();
  }
}
