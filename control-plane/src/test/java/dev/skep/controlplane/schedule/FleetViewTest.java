package dev.skep.controlplane.schedule;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which worker comes first, and the words for those that do not come at all. */
final class FleetViewTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Resources EACH = new Resources(100, 64L << 20);

  private final List<Worker> workers = new ArrayList<>();

  @Test
  void spreadingLooksAtZonesBeforeWorkers() {
    add("a1", Map.of(Worker.ZONE, "a"));
    add("a2", Map.of(Worker.ZONE, "a"));
    add("a3", Map.of(Worker.ZONE, "a"));
    add("b1", Map.of(Worker.ZONE, "b"));

    assertThat(named(place(want(4, Strategy.SPREAD, Set.of()))))
        .isEqualTo(Map.of("a1", 1, "a2", 1, "b1", 2));
  }

  @Test
  void whatIsThereCountsForItsZone() {
    add("a1", Map.of(Worker.ZONE, "a"));
    WorkerId b1 = add("b1", Map.of(Worker.ZONE, "b"));

    Want want = new Want(3, plain(Terms.NONE), Strategy.SPREAD, 0, ImageCopies.NONE, Map.of(b1, 3));

    assertThat(named(place(want))).isEqualTo(Map.of("a1", 3));
  }

  @Test
  void packingFillsOneWorkerBeforeTheNext() {
    add("w1", Map.of());
    add("w2", Map.of());

    assertThat(named(place(want(12, Strategy.BINPACK, Set.of()))))
        .isEqualTo(Map.of("w1", 10, "w2", 2));
  }

  @Test
  void aTaintKeepsAwayWhoDoesNotTolerateIt() {
    worker("gpu", Map.of(), Set.of("gpu"), ready(), link(true), Upkeep.NONE, Map.of());

    Decision refused = place(want(1, Strategy.SPREAD, Set.of()));

    assertThat(refused.missing()).isEqualTo(1);
    assertThat(refused.explanation())
        .isEqualTo("1 worker: 1 has a taint that the service does not tolerate");
    assertThat(place(want(1, Strategy.SPREAD, Set.of("gpu"))).missing()).isZero();
  }

  @Test
  void constraintsAreMetByLabelsAndByWhatAWorkerIs() {
    add("w1", Map.of("disk", "hdd", "gpu", "a100"));
    add("w2", Map.of("disk", "ssd", "gpu", "h100"));
    add("w3", Map.of());

    assertThat(named(place(constrained(3, "disk != hdd")))).containsOnlyKeys("w2", "w3");
    assertThat(named(place(constrained(3, "gpu in (a100, h100)")))).containsOnlyKeys("w1", "w2");
    assertThat(named(place(constrained(3, "gpu in (a100, h100)", "disk == ssd"))))
        .containsOnlyKeys("w2");
    assertThat(named(place(constrained(3, "worker.name != w2", "worker.arch == amd64"))))
        .containsOnlyKeys("w1", "w3");
  }

  @Test
  void anUnmetConstraintIsNamed() {
    add("w1", Map.of("disk", "hdd"));

    Decision refused = place(constrained(1, "disk == ssd"));

    assertThat(refused.rejections())
        .containsExactly(
            new Rejection("constraint", 1, "1 does not meet the constraint disk == ssd"));
    assertThat(refused.explanation())
        .isEqualTo("1 worker: 1 does not meet the constraint disk == ssd");
  }

  @Test
  void noWorkerGetsMoreReplicasOfAServiceThanItMayHave() {
    WorkerId w1 = add("w1", Map.of());
    add("w2", Map.of());

    Want want =
        new Want(4, plain(Terms.NONE), Strategy.BINPACK, 2, ImageCopies.NONE, Map.of(w1, 1));
    Decision decision = place(want);

    assertThat(named(decision)).isEqualTo(Map.of("w1", 1, "w2", 2));
    assertThat(decision.missing()).isEqualTo(1);
    assertThat(decision.rejections())
        .containsExactly(
            new Rejection(
                "max_per_worker", 2, "2 have as many replicas as one worker may have (2)"));
  }

  @Test
  void ofEqualWorkersTheOneWithTheImageComesFirst() {
    add("w1", Map.of());
    WorkerId w2 = add("w2", Map.of());
    add("w3", Map.of());

    ImageCopies copies = new ImageCopies("image", Set.of(w2));
    Want two = new Want(2, plain(Terms.NONE), Strategy.SPREAD, 0, copies, Map.of());

    assertThat(named(place(two))).containsOnlyKeys("w1", "w2");
    Want one = new Want(1, plain(Terms.NONE), Strategy.BINPACK, 0, copies, Map.of());
    assertThat(named(place(one))).containsOnlyKeys("w2");
  }

  @Test
  void everyStateHasItsWord() {
    SwarmNode down = new SwarmNode("n", "down", "", false, true, NOW);
    Instant hour = NOW.minus(Duration.ofHours(1));
    worker("w1", Map.of(), Set.of(), down, link(false), Upkeep.NONE, Map.of());
    worker("w2", Map.of(), Set.of(), ready(), link(false), Upkeep.NONE, Map.of());
    worker("w3", Map.of(), Set.of(), ready(), link(true), upkeep(Availability.CORDONED), Map.of());
    worker("w4", Map.of(), Set.of(), ready(), link(true), upkeep(Availability.DRAINING), Map.of());
    worker(
        "w5", Map.of(), Set.of(), ready(), link(true), Upkeep.NONE, Map.of(Pressure.MEMORY, hour));
    worker("w6", Map.of(), Set.of(), ready(), new Link(true, hour, hour), Upkeep.NONE, Map.of());

    assertThat(place(want(1, Strategy.SPREAD, Set.of())).explanation())
        .isEqualTo(
            "6 workers: 1 lost, 1 not connected, 1 unhealthy, 1 draining, 1 cordoned,"
                + " 1 out of memory or disk");
  }

  @Test
  void aWorkerWithoutCpuLeftStillTakesReplicas() {
    Instant hour = NOW.minus(Duration.ofHours(1));
    worker("w1", Map.of(), Set.of(), ready(), link(true), Upkeep.NONE, Map.of(Pressure.CPU, hour));

    assertThat(place(want(1, Strategy.SPREAD, Set.of())).added()).hasSize(1);
  }

  private Decision place(Want want) {
    return new FleetView(workers, Map.of(), NOW, Duration.ofMinutes(2)).place(want);
  }

  private static Want want(int count, Strategy strategy, Set<String> tolerations) {
    Requirement requirement = plain(new Terms(Map.of(), List.of(), tolerations));
    return new Want(count, requirement, strategy, 0, ImageCopies.NONE, Map.of());
  }

  private static Want constrained(int count, String... constraints) {
    List<Constraint> parsed =
        Arrays.stream(constraints).map(c -> Constraint.parse(c).orElseThrow()).toList();
    Requirement requirement = plain(new Terms(Map.of(), parsed, Set.of()));
    return new Want(count, requirement, Strategy.SPREAD, 0, ImageCopies.NONE, Map.of());
  }

  private static Requirement plain(Terms terms) {
    return new Requirement(terms, EACH, List.of());
  }

  private Map<String, Integer> named(Decision decision) {
    return decision.added().entrySet().stream()
        .collect(
            Collectors.toMap(
                e ->
                    workers.stream()
                        .filter(w -> w.id().equals(e.getKey()))
                        .findFirst()
                        .orElseThrow()
                        .name(),
                Map.Entry::getValue));
  }

  private WorkerId add(String name, Map<String, String> labels) {
    return worker(name, labels, Set.of(), ready(), link(true), Upkeep.NONE, Map.of());
  }

  private static SwarmNode ready() {
    return new SwarmNode("n", "ready", "", false, true, NOW);
  }

  private static Link link(boolean connected) {
    return new Link(connected, NOW, NOW);
  }

  private static Upkeep upkeep(Availability availability) {
    return new Upkeep(availability, null, false);
  }

  private WorkerId worker(
      String name,
      Map<String, String> labels,
      Set<String> taints,
      SwarmNode swarm,
      Link link,
      Upkeep upkeep,
      Map<Pressure, Instant> pressed) {
    WorkerId id = new WorkerId(new UUID(0, workers.size() + 1));
    WorkerFacts facts =
        new WorkerFacts(
            name, "", "", "", "amd64", new Resources(1_000, 8L << 30), 0, 0, "", "", "", false);
    workers.add(
        new Worker(
            id,
            new ClusterId(new UUID(0, 0)),
            name,
            Set.of(WorkerRole.RUN),
            labels,
            taints,
            facts,
            swarm,
            link,
            upkeep,
            pressed,
            Resources.NONE,
            0,
            NOW));
    return id;
  }
}
