package dev.skep.controlplane.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.state.Revisions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AssignmentReaderTest {
  private static final int STEPS = 150;
  private static final int SERVICES = 6;

  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId organization = test.addOrganization("one");
  private final WorkerId manager = test.addWorker("w1");
  private final WorkerId other = test.addWorker("w2");

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void incrementalSetsAddUpToTheCompleteOne(@TempDir Path directory) {
    test.makeManager(manager);
    AssignmentReader reader = reader(directory);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(11);
    List<ServiceId> services = new ArrayList<>();
    for (int i = 0; i < SERVICES; i++) {
      services.add(test.addService(organization, "s" + i, 1, Specs.minimal().build()));
    }
    place(services.getFirst());
    image("observed_state = 'APPLIED'");
    Agent agent = new Agent();
    agent.take(reader.complete(manager).orElseThrow());
    for (int step = 0; step < STEPS; step++) {
      change(random, services.get(random.nextInt(SERVICES)));
      if (random.nextInt(3) == 0) {
        AssignmentSet set = reader.since(manager, agent.revision).orElseThrow();
        assertThat(set.getAppliesTo()).isEqualTo(agent.revision);
        agent.take(set);
        Agent fresh = new Agent();
        fresh.take(reader.complete(manager).orElseThrow());
        assertThat(agent.has).as("step %d of seed 11", step).isEqualTo(fresh.has);
      }
    }
    assertThat(agent.has).hasSizeGreaterThan(2);
  }

  @Test
  void onlyTheManagerGetsObjects(@TempDir Path directory) {
    test.makeManager(manager);
    ServiceId service = test.addService(organization, "api", 1, Specs.minimal().build());
    place(service);
    image("observed_state = 'APPLIED'");
    AssignmentReader reader = reader(directory);

    assertThat(reader.complete(manager).orElseThrow().getPutList())
        .extracting(a -> a.getId().split("/", -1)[0])
        .containsExactlyInAnyOrder("swarm", "network", "placement", "image");
    assertThat(reader.complete(other).orElseThrow().getPutList()).isEmpty();
    assertThat(reader.complete(new WorkerId(UUID.randomUUID()))).isEmpty();
  }

  @Test
  void anotherManagerTakesOverWithoutAWrite(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    image("observed_state = 'APPLIED'");
    AssignmentReader reader = reader(directory);
    List<Assignment> before =
        reader.complete(manager).orElseThrow().getPutList().stream()
            .filter(a -> !a.hasImage())
            .toList();
    test.makeManager(other);

    assertThat(reader.complete(other).orElseThrow().getPutList()).isEqualTo(before);
  }

  @Test
  void aNewPlacementIsHiddenUntilItsWorkerHasTheImage(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    AssignmentReader reader = reader(directory);

    assertThat(placements(reader)).isZero();
    image("observed_state = 'FAILED'");
    assertThat(placements(reader)).isZero();
    image("removing = true");
    assertThat(placements(reader)).isZero();
    image("removing = false, observed_state = 'APPLIED'");
    assertThat(placements(reader)).isEqualTo(1);
  }

  @Test
  void aPlacementThatTheSwarmHasIsShownAlthoughItsImageIsGone(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    test.execute("update placements set observed_generation = 1");

    assertThat(placements(reader(directory))).isEqualTo(1);
  }

  @Test
  void anAgentThatDoesNotKnowImagesGetsItsPlacements(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    image("observed_state = 'FAILED', observed_code = 'unknown_kind'");

    assertThat(placements(reader(directory))).isEqualTo(1);
  }

  @Test
  void aHiddenPlacementThatIsNotWantedAnyMoreIsTakenAwayAllTheSame(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    test.execute("update placements set removing = true");

    assertThat(reader(directory).complete(manager).orElseThrow().getRemoveList())
        .singleElement()
        .asString()
        .startsWith("placement/");
  }

  @Test
  void everyAgentGetsTheImagesOfItsOwnWorker(@TempDir Path directory) {
    test.execute(
        "insert into worker_images (worker_id, image, generation, revision) values (?, 'a', 7, 3)",
        other.value());
    test.execute(
        "insert into worker_images (worker_id, image, removing, revision) values (?, 'b', true, 4)",
        other.value());
    AssignmentReader reader = reader(directory);

    AssignmentSet set = reader.complete(other).orElseThrow();
    assertThat(set.getPutList())
        .singleElement()
        .satisfies(
            a -> {
              assertThat(a.getId()).isEqualTo("image/a");
              assertThat(a.getGeneration()).isEqualTo(7);
              assertThat(a.getImage().getImage()).isEqualTo("a");
            });
    assertThat(set.getRemoveList()).containsExactly("image/b");
    assertThat(reader.since(other, 3).orElseThrow().getPutList()).isEmpty();
    assertThat(reader.complete(manager).orElseThrow().getRemoveList()).isEmpty();
  }

  @Test
  void theOwnerHearsWhatNodesShallBeAndOthersWhomToJoin(@TempDir Path directory) {
    AssignmentReader reader = reader(directory);
    swarm(directory);
    test.execute("update container_workers set manager_wanted = name = 'w1'");

    assertThat(control(reader.complete(manager)).getControl())
        .satisfies(
            c -> {
              assertThat(c.getOwnerEpoch()).isEqualTo(7);
              assertThat(c.getManagerNodeIdsList()).containsExactly("node-w1");
              assertThat(c.getWorkerNodeIdsList()).containsExactly("node-w2", "stranger");
              assertThat(c.getGoneNodeIdsList()).containsExactly("dead");
            });
    SwarmMembership joins = reader.complete(other).orElseThrow().getPut(0).getSwarm();
    assertThat(joins.getManagerAddressesList()).containsExactly("10.0.0.1:2377", "10.0.0.2:2377");
    assertThat(joins.getJoinToken()).isEqualTo("token");
    assertThat(reader.complete(other).orElseThrow().getPutList()).noneMatch(Assignment::hasControl);
  }

  @Test
  void whoWasTheOwnerAndWhoIsNowBothGetACompleteSet(@TempDir Path directory) {
    AssignmentReader reader = reader(directory);
    swarm(directory);
    long known = reader.complete(other).orElseThrow().getResultsIn();
    test.makeManager(other);
    test.execute("update clusters set revision = revision + 1");
    test.execute("update clusters set owner_revision = revision");

    for (WorkerId worker : List.of(manager, other)) {
      AssignmentSet set = reader.since(worker, known).orElseThrow();
      assertThat(set.getKind()).isEqualTo(AssignmentSet.Kind.KIND_COMPLETE);
      assertThat(set.getPutList().stream().anyMatch(Assignment::hasControl))
          .isEqualTo(worker.equals(other));
      assertThat(reader.since(worker, set.getResultsIn()).orElseThrow().getKind())
          .isEqualTo(AssignmentSet.Kind.KIND_INCREMENTAL);
    }
  }

  @Test
  void aPlacementOnAWorkerWithoutANodeIsHidden(@TempDir Path directory) {
    test.makeManager(manager);
    place(test.addService(organization, "api", 1, Specs.minimal().build()));
    test.execute("update placements set observed_generation = 1");
    test.execute("update container_workers set swarm_node_id = '' where name = 'w1'");

    assertThat(placements(reader(directory))).isZero();
  }

  @Test
  void aWorkerThatRecoversTheSwarmIsToldUntilItHas(@TempDir Path directory) {
    AssignmentReader reader = reader(directory);
    swarm(directory);
    test.execute(
        "update clusters set recovery_generation = 2, recovery_worker_id = ?", manager.value());
    test.execute("update container_workers set forget_node = 'old' where name = 'w2'");

    assertThat(reader.complete(manager).orElseThrow().getPut(0).getSwarm().getRecover()).isTrue();
    SwarmMembership other = reader.complete(this.other).orElseThrow().getPut(0).getSwarm();
    assertThat(other.getRecover()).isFalse();
    assertThat(other.getForgetNodeId()).isEqualTo("old");
    test.execute("update clusters set recovered_generation = 2");
    assertThat(reader.complete(manager).orElseThrow().getPut(0).getSwarm().getRecover()).isFalse();
  }

  private static Assignment control(Optional<AssignmentSet> set) {
    return set.orElseThrow().getPutList().stream()
        .filter(Assignment::hasControl)
        .findFirst()
        .orElseThrow();
  }

  private void swarm(Path directory) {
    MasterKey key = MasterKey.open(directory.resolve("master.key"));
    test.makeManager(manager);
    test.execute(
        "update clusters set swarm_id = 's', manager_address = '10.0.0.1:2377', owner_epoch = 7,"
            + " worker_join_token = ?, swarm_nodes = ?::jsonb",
        key.seal("token".getBytes(StandardCharsets.UTF_8), MasterKey.SWARM_WORKER_TOKEN),
        """
        {"node-w1": {"state": "ready", "manager": true, "address": "10.0.0.1:2377"},
         "node-w2": {"state": "ready", "manager": true, "address": "10.0.0.2:2377"},
         "stranger": {"state": "ready", "manager": true}, "new": {"state": "ready", "manager": false},
         "dead": {"state": "down", "manager": true}}
        """);
  }

  private long placements(AssignmentReader reader) {
    return reader.complete(manager).orElseThrow().getPutList().stream()
        .filter(Assignment::hasPlacement)
        .count();
  }

  /** The image that all services here have, on the worker that has the placements. */
  private void image(String assignment) {
    test.execute(
        "insert into worker_images (worker_id, image, revision)"
            + " select distinct worker_id, image, 1 from placements p join releases r on r.id = release_id"
            + " on conflict do nothing");
    test.execute("update worker_images set " + assignment);
  }

  private AssignmentReader reader(Path directory) {
    return new AssignmentReader(test.database(), MasterKey.open(directory.resolve("master.key")));
  }

  /** What the leader may do to a placement; a row goes only when its agent has removed it. */
  private void change(RandomGenerator random, ServiceId service) {
    long rows =
        test.number("select count(*) from placements where service_id = ?", service.value());
    if (rows == 0) {
      place(service);
      return;
    }
    String assignment =
        switch (random.nextInt(3)) {
          case 0 -> "removing = true";
          case 1 -> "removing = false";
          default -> "replicas = replicas + 1, removing = false";
        };
    test.database()
        .useTransaction(
            h ->
                h.execute(
                    "update placements set generation = generation + 1, revision = ?, "
                        + assignment
                        + " where service_id = ?",
                    Revisions.next(h, test.cluster()),
                    service.value()));
  }

  private void place(ServiceId service) {
    test.database()
        .useTransaction(
            h ->
                h.execute(
                    "insert into placements (id, organization_id, service_id, cluster_id,"
                        + " worker_id, release_id, replicas, restart_generation, revision,"
                        + " cpu_millis, memory_bytes, pinned_node) select ?, organization_id, id,"
                        + " cluster_id, ?, release_id, 1, 0, ?, 1, 1, 'node-w1'"
                        + " from container_services where id = ?",
                    test.ids().get(),
                    manager.value(),
                    Revisions.next(h, test.cluster()),
                    service.value()));
  }

  /** Applies sets as the protocol says. */
  private static final class Agent {
    private final Map<String, Assignment> has = new TreeMap<>();
    private long revision;

    void take(AssignmentSet set) {
      if (set.getKind() == AssignmentSet.Kind.KIND_COMPLETE) {
        has.clear();
      }
      set.getPutList().forEach(a -> has.put(a.getId(), a));
      set.getRemoveList().forEach(has::remove);
      revision = set.getResultsIn();
    }
  }
}
