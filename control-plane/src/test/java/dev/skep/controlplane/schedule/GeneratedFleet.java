package dev.skep.controlplane.schedule;

import dev.skep.controlplane.fleet.Link;
import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.SwarmNode;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Upkeep.Availability;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.Constraint;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Workers and wants that one seed makes. */
final class GeneratedFleet {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** Memory is counted in steps of this when workers are packed. */
  private static final long MEMORY_STEP = 32L << 20;

  final List<Worker> workers = new ArrayList<>();
  final Map<WorkerId, Set<Integer>> ports = new HashMap<>();
  private final List<Requirement> needed = new ArrayList<>();
  private final List<ImageCopies> copies = new ArrayList<>();
  private final RandomGenerator random;

  GeneratedFleet(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int size = random.nextInt(8) == 0 ? random.nextInt(60) : random.nextInt(12);
    int zones = random.nextInt(1, 5);
    boolean healthy = random.nextBoolean();
    for (int i = 0; i < size; i++) {
      workers.add(worker(i, zones, healthy));
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      needed.add(requirement());
    }
    copies.addAll(List.of(ImageCopies.NONE, copies("one"), copies("other")));
  }

  boolean chance(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  int any(int size) {
    return random.nextInt(size);
  }

  private Worker worker(int number, int zones, boolean healthy) {
    WorkerId id = new WorkerId(new UUID(0, number + 1));
    Resources capacity =
        new Resources(random.nextInt(1, 17) * 500L, random.nextInt(1, 65) * MEMORY_STEP);
    Resources reserved =
        chance(2)
            ? Resources.NONE
            : new Resources(random.nextInt(5) * 250L, random.nextInt(9) * MEMORY_STEP);
    if (chance(4)) {
      ports.put(id, new HashSet<>(Set.of(8000 + random.nextInt(3))));
    }
    return new Worker(
        id,
        new ClusterId(new UUID(0, 0)),
        "w" + random.nextInt(1000) + "-" + number,
        Set.of(chance(10) ? WorkerRole.MANAGER : WorkerRole.RUN),
        labels(zones),
        chance(6) ? Set.of("gpu") : Set.of(),
        new WorkerFacts(
            "", "", "linux", "", chance(4) ? "arm64" : "amd64", capacity, 0, 0, "", "", "", true),
        new SwarmNode("n", healthy || !chance(8) ? "ready" : "down", "", false, true, NOW),
        new Link(healthy || !chance(8), NOW, healthy || !chance(9) ? NOW : NOW.minusSeconds(999)),
        healthy ? Upkeep.NONE : new Upkeep(availability(), null, false),
        healthy || !chance(8) ? Map.of() : Map.of(Pressure.DISK, NOW.minusSeconds(99)),
        reserved,
        random.nextInt(4),
        NOW);
  }

  private Map<String, String> labels(int zones) {
    Map<String, String> labels = new HashMap<>();
    if (zones > 1 && !chance(8)) {
      labels.put(Worker.ZONE, "z" + random.nextInt(zones));
    }
    if (chance(2)) {
      labels.put("disk", chance(2) ? "ssd" : "hdd");
    }
    return labels;
  }

  private Availability availability() {
    return chance(5) ? List.of(Availability.values()).get(random.nextInt(4)) : Availability.ACTIVE;
  }

  Want want() {
    Map<WorkerId, Integer> present = new HashMap<>();
    for (Worker worker : workers) {
      if (chance(8)) {
        present.put(worker.id(), random.nextInt(1, 4));
      }
    }
    return want(random.nextInt(1, chance(8) ? 40 : 5), chance(2) ? present : Map.of());
  }

  /** Of few kinds, so that later ones find what earlier ones left. */
  private Want want(int count, Map<WorkerId, Integer> present) {
    return new Want(
        count,
        needed.get(random.nextInt(needed.size())),
        chance(3) ? Strategy.BINPACK : Strategy.SPREAD,
        chance(4) ? random.nextInt(1, 4) : 0,
        copies.get(random.nextInt(copies.size())),
        present);
  }

  private Requirement requirement() {
    return new Requirement(
        terms(), each(), chance(5) ? List.of(8000 + random.nextInt(3)) : List.of());
  }

  private ImageCopies copies(String image) {
    Set<WorkerId> copies = new HashSet<>();
    workers.stream().map(Worker::id).filter(id -> chance(3)).forEach(copies::add);
    return new ImageCopies(image, copies);
  }

  private Resources each() {
    return new Resources(random.nextInt(1, 7) * 100L, random.nextInt(1, 7) * MEMORY_STEP);
  }

  private Terms terms() {
    return new Terms(
        chance(6) ? Map.of("disk", "ssd") : Map.of(),
        chance(3) ? List.of(constraint()) : List.of(),
        chance(4) ? Set.of("gpu", "other") : Set.of());
  }

  private Constraint constraint() {
    List<String> texts =
        List.of(
            "disk != hdd",
            "disk == ssd",
            "zone in (z0, z1)",
            "worker.arch == arm64",
            "worker.os != windows",
            "worker.name != w1",
            "unknown == x");
    return Constraint.parse(texts.get(random.nextInt(texts.size()))).orElseThrow();
  }

  /** Replicas that are somewhere, of which the want asks for as many as are kept. */
  List<Held> held(Map<WorkerId, Integer> placed, Want old) {
    List<Held> held = new ArrayList<>();
    boolean gone = chance(3);
    placed.forEach(
        (worker, n) ->
            held.add(
                new Held(
                    worker,
                    old.requirement().each(),
                    old.requirement().hostPorts(),
                    n,
                    gone ? 0 : random.nextInt(n + 1))));
    return held;
  }

  Want wantFor(List<Held> held) {
    return want(held.stream().mapToInt(Held::kept).sum() + random.nextInt(3), Map.of());
  }
}
