package dev.skep.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.kernel.WorkerId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ManagerPlanTest {
  private static final int SEEDS = 2_000;
  private static final int EVENTS = 40;
  private static final Upkeep DRAINING = new Upkeep(Upkeep.Availability.DRAINING, null, false);

  @Test
  void oneThreeOrFiveManagersInAsManyZonesAsThereAre() {
    for (int workers = 1; workers <= 9; workers++) {
      SwarmModel swarm = new SwarmModel();
      for (int i = 0; i < workers; i++) {
        swarm.add("z" + i % 3);
        swarm.converge();
      }
      int expected = workers < 3 ? 1 : workers < 7 ? 3 : 5;
      assertThat(swarm.managers()).as("of %d workers", workers).isEqualTo(expected);
      assertThat(zones(swarm)).hasSize(Math.min(3, expected));
    }
  }

  @Test
  void aZoneThatComesLaterGetsAManager() {
    SwarmModel swarm = new SwarmModel();
    List.of("a", "a", "a").forEach(swarm::add);
    swarm.converge();
    swarm.add("b");
    swarm.converge();

    assertThat(swarm.managers()).isEqualTo(3);
    assertThat(zones(swarm)).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void aLostManagerIsReplacedWhenSomebodyCanTakeItsPlaceAndElseKept() {
    SwarmModel swarm = three();
    swarm.nodes.get(1).alive = false;
    assertThat(swarm.converge()).as("it may come back").isEmpty();

    SwarmModel.Node fourth = swarm.add("");
    assertThat(swarm.converge())
        .containsExactly(
            new ManagerPlan.Change.Promote(fourth.id),
            new ManagerPlan.Change.Demote(swarm.nodes.get(1).id));
  }

  @Test
  void aDrainedOwnerGivesWayAndIsReplaced() {
    SwarmModel swarm = three();
    SwarmModel.Node fourth = swarm.add("");
    SwarmModel.Node first = swarm.nodes.getFirst();
    first.upkeep = DRAINING;

    assertThat(swarm.converge())
        .containsExactly(
            new ManagerPlan.Change.Promote(fourth.id), new ManagerPlan.Change.Demote(first.id));
    assertThat(swarm.owner).isNotEqualTo(Optional.of(first.id));
  }

  @Test
  void aRemovedManagerGoesAlthoughNobodyTakesItsPlace() {
    SwarmModel swarm = three();
    SwarmModel.Node gone = swarm.nodes.get(2);
    gone.alive = false;
    gone.upkeep = new Upkeep(Upkeep.Availability.REMOVED, null, false);
    swarm.converge();

    assertThat(gone.manager).isFalse();
    assertThat(swarm.managers()).as("of two workers").isEqualTo(1);
  }

  @Test
  void withoutQuorumNothingIsChanged() {
    SwarmModel swarm = three();
    swarm.add("");
    swarm.nodes.get(0).alive = false;
    swarm.nodes.get(1).alive = false;

    assertThat(swarm.next()).isEmpty();
    Ownership ownership = swarm.ownership();
    assertThat(ownership.owner()).contains(swarm.nodes.get(2).id);
  }

  @Test
  void whatIsWrongIsSaidWithTheNamesOfTheMachines() {
    SwarmModel swarm = three();
    assertThat(swarm.ownership().error()).isEmpty();
    swarm.nodes.get(0).alive = false;
    swarm.nodes.get(1).alive = false;
    swarm.nodes.get(2).error = "there is no leader";
    Ownership lost = swarm.ownership();

    assertThat(lost.quorumLost()).isTrue();
    assertThat(lost.error()).contains("gone are w01, w02").contains("what runs goes on");
    swarm.nodes.get(1).alive = true;
    swarm.nodes.get(1).error = "there is no leader";
    assertThat(swarm.ownership().quorumLost()).isFalse();
    assertThat(swarm.ownership().error()).isNotEmpty();
  }

  @Test
  void aSwarmWhoseManagersNobodyToldOfYetIsNoAlarm() {
    SwarmModel swarm = three();
    swarm.nodes.forEach(n -> n.manager = false);

    assertThat(swarm.ownership()).isEqualTo(new Ownership(swarm.owner, "", false));
    assertThat(swarm.next()).isEmpty();
  }

  @Test
  void anOwnerThatCannotChangeAnythingGivesWayToOneThatCan() {
    SwarmModel swarm = three();
    swarm.nodes.getFirst().error = "the engine does not answer";

    assertThat(swarm.ownership().owner()).contains(swarm.nodes.get(1).id);
    swarm.nodes.forEach(n -> n.error = "there is no leader");
    assertThat(swarm.ownership().owner()).as("nobody can").contains(swarm.nodes.getFirst().id);
  }

  @Test
  void anOwnerWhoseAgentRestartsStaysOwner() {
    SwarmModel swarm = three();
    SwarmMember owner = swarm.members().getFirst();
    Instant now = SwarmModel.NOW;
    List<SwarmMember> restarting =
        List.of(away(owner, now.minusMillis(500)), swarm.members().get(1));
    List<SwarmMember> gone = List.of(away(owner, now.minusSeconds(3)), swarm.members().get(1));

    assertThat(Ownership.of(restarting, swarm.around(), now).owner()).isEqualTo(swarm.owner);
    assertThat(Ownership.of(gone, swarm.around(), now).owner()).contains(swarm.nodes.get(1).id);
  }

  /** Machines come, die, come back and are drained, in thousands of histories. */
  @Test
  void whateverHappensNoChangeCostsTheQuorumAndItSettles() {
    for (int seed = 0; seed < SEEDS; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      SwarmModel swarm = new SwarmModel();
      swarm.add("z0");
      for (int event = 0; event < EVENTS; event++) {
        happen(swarm, random);
        swarm.owner = swarm.ownership().owner();
        if (random.nextInt(3) > 0) {
          swarm.settle();
        }
        step(swarm, "seed " + seed + ", event " + event);
      }
      heal(swarm);
      settlesWithoutFlapping(swarm, "seed " + seed);
    }
  }

  private static void happen(SwarmModel swarm, RandomGenerator random) {
    SwarmModel.Node any = swarm.nodes.get(random.nextInt(swarm.nodes.size()));
    switch (random.nextInt(6)) {
      case 0 -> {
        if (swarm.nodes.size() < 9) {
          swarm.add("z" + random.nextInt(3));
        }
      }
      case 1 -> any.alive = false;
      case 2, 3 -> any.alive = true;
      case 4 -> any.upkeep = DRAINING;
      default -> any.upkeep = Upkeep.NONE;
    }
  }

  private static void step(SwarmModel swarm, String where) {
    boolean quorum = swarm.quorum();
    swarm
        .next()
        .ifPresent(
            change -> {
              assertThat(quorum).as(where).isTrue();
              SwarmModel.Node node = swarm.node(change.worker());
              boolean before = node.manager;
              boolean promoted = change instanceof ManagerPlan.Change.Promote;
              assertThat(underWay(swarm))
                  .as(where)
                  .isSubsetOf(promoted ? Set.of() : Set.of(node.id));
              assertThat(promoted && (!node.alive || node.upkeep.equals(DRAINING)))
                  .as(where)
                  .isFalse();
              node.manager = promoted;
              assertThat(swarm.quorum()).as("%s: %s", where, change).isTrue();
              node.manager = before;
              swarm.apply(change);
            });
  }

  private static Set<WorkerId> underWay(SwarmModel swarm) {
    return swarm.nodes.stream()
        .filter(n -> n.wanted != n.manager)
        .map(n -> n.id)
        .collect(Collectors.toSet());
  }

  private static void heal(SwarmModel swarm) {
    swarm.nodes.forEach(
        n -> {
          n.alive = true;
          n.upkeep = Upkeep.NONE;
        });
  }

  private static void settlesWithoutFlapping(SwarmModel swarm, String where) {
    List<ManagerPlan.Change> changes = swarm.converge();
    Set<WorkerId> promoted = new HashSet<>();
    for (ManagerPlan.Change change : changes) {
      if (change instanceof ManagerPlan.Change.Promote) {
        assertThat(promoted.add(change.worker())).as("%s: %s", where, changes).isTrue();
      }
    }
    int target = ManagerPlan.target(swarm.nodes.size());
    assertThat(swarm.managers()).as(where).isEqualTo(target);
    long all = swarm.nodes.stream().map(n -> n.zone).distinct().count();
    assertThat(zones(swarm)).as(where).hasSize((int) Math.min(target, all));
    assertThat(swarm.node(swarm.owner.orElseThrow()).manager).as(where).isTrue();
  }

  private static SwarmModel three() {
    SwarmModel swarm = new SwarmModel();
    IntStream.range(0, 3).forEach(i -> swarm.add(""));
    swarm.converge();
    return swarm;
  }

  private static Set<String> zones(SwarmModel swarm) {
    return swarm.nodes.stream().filter(n -> n.manager).map(n -> n.zone).collect(Collectors.toSet());
  }

  private static SwarmMember away(SwarmMember member, Instant since) {
    Worker w = member.worker();
    Worker away =
        new Worker(
            w.id(),
            w.cluster(),
            w.name(),
            w.roles(),
            w.labels(),
            w.taints(),
            w.facts(),
            w.swarm(),
            new Link(false, since, since),
            w.upkeep(),
            w.pressedSince(),
            w.reserved(),
            w.replicas(),
            w.createdAt());
    return new SwarmMember(away, member.wanted(), member.controlError(), member.errorSince());
  }
}
