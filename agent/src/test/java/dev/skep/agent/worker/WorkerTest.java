package dev.skep.agent.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.agent.engine.Dockerd;
import dev.skep.agent.engine.FakeEngine;
import dev.skep.agent.journal.Journal;
import dev.skep.agent.report.StatusOutbox;
import dev.skep.agent.task.SecretBytes;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Network;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.ObjectStatus.State;
import dev.skep.agent.v1.Placement;
import dev.skep.agent.v1.Secret;
import dev.skep.agent.v1.SwarmControl;
import dev.skep.agent.v1.SwarmMembership;
import dev.skep.agent.v1.Workload;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class WorkerTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir private Path dir;
  private final FakeEngine engine = new FakeEngine();
  private final Map<String, ObjectStatus> statuses = new HashMap<>();
  private Journal journal;
  private StatusOutbox outbox;
  private Worker worker;

  @BeforeEach
  void start() {
    journal = Journal.open(dir);
    outbox = new StatusOutbox();
    worker = new Worker(journal, engine, outbox, new Worker.Settings("10.0.0.1", "/p"), c -> {});
    worker.start();
  }

  @AfterEach
  void stop() {
    worker.close();
  }

  private void restart() {
    worker.close();
    start();
  }

  private void assign(AssignmentSet set) {
    if (journal.apply(set) instanceof Journal.Applied.Changed(var ids)) {
      worker.assigned(ids);
    }
  }

  private static AssignmentSet complete(List<Assignment> all) {
    return AssignmentSet.newBuilder()
        .setKind(AssignmentSet.Kind.KIND_COMPLETE)
        .setResultsIn(1)
        .addAllPut(all)
        .build();
  }

  private static List<Assignment> cluster(int placements) {
    var all = new ArrayList<Assignment>();
    all.add(
        Assignment.newBuilder()
            .setId("swarm")
            .setGeneration(1)
            .setSwarm(SwarmMembership.getDefaultInstance())
            .build());
    all.add(
        Assignment.newBuilder()
            .setId("network/n1")
            .setGeneration(1)
            .setNetwork(
                Network.newBuilder()
                    .setNetworkId("n1")
                    .setOrganizationId("o1")
                    .setObjectName("skep-o1")
                    .setSubnet("10.88.0.0/24"))
            .build());
    for (int i = 0; i < placements; i++) {
      all.add(placement(i));
    }
    return all;
  }

  private static Assignment placement(int i) {
    return Assignment.newBuilder()
        .setId("placement/p" + i)
        .setGeneration(1)
        .setPlacement(
            Placement.newBuilder()
                .setPlacementId("p" + i)
                .setOrganizationId("o1")
                .setServiceId("s" + i)
                .setServiceName("s" + i)
                .setReleaseId("r1")
                .setObjectName("skep-p" + i)
                .setNodeId("n1")
                .setReplicas(1)
                .setNetworkObjectName("skep-o1")
                .setEndpointMode("dnsrr")
                .setWorkload(
                    Workload.newBuilder()
                        .setImage("sha256:" + "a".repeat(64))
                        .setCpuMillis(100)
                        .setMemoryBytes(16 << 20)))
        .build();
  }

  private ObjectStatus status(String id) {
    outbox
        .take(System.nanoTime())
        .ifPresent(
            r -> {
              r.getObjectsList().forEach(o -> statuses.put(o.getAssignmentId(), o));
              outbox.acked(r.getSequence());
            });
    return statuses.getOrDefault(id, ObjectStatus.getDefaultInstance());
  }

  private boolean is(String id, State state) {
    return status(id).getState() == state;
  }

  private void awaitAll(int placements) throws InterruptedException {
    for (int i = 0; i < placements; i++) {
      String id = "placement/p" + i;
      Dockerd.await(() -> is(id, State.STATE_APPLIED) && status(id).getTasksCount() == 1, SOON);
    }
  }

  private static Assignment secret(String name, String value) {
    return Assignment.newBuilder()
        .setId("secret/" + name)
        .setGeneration(1)
        .setSecret(
            Secret.newBuilder()
                .setSecretId("x1")
                .setOrganizationId("o1")
                .setObjectName(name)
                .setValue(ByteString.copyFromUtf8(value)))
        .build();
  }

  private static Assignment placementWith(String secret, long generation) {
    var placement = placement(0).toBuilder().setGeneration(generation);
    placement
        .getPlacementBuilder()
        .getWorkloadBuilder()
        .addSecretFilesBuilder()
        .setObjectName(secret)
        .setPath("/run/secrets/db")
        .setMode(0444);
    return placement.build();
  }

  @Test
  void secretsComeBeforeTheServiceThatNamesThemAndGoWhenNothingDoes() throws Exception {
    assign(complete(cluster(0)));
    assign(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
            .setAppliesTo(1)
            .setResultsIn(2)
            .addPut(placementWith("skep-db-v1", 1))
            .addPut(secret("skep-db-v1", "one"))
            .build());
    awaitAll(1);
    assertThat(engine.secrets.value("skep-db-v1"))
        .contains(SecretBytes.of("one".getBytes(StandardCharsets.UTF_8)));

    assign(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
            .setAppliesTo(2)
            .setResultsIn(3)
            .addPut(secret("skep-db-v2", "two"))
            .addPut(placementWith("skep-db-v2", 2))
            .build());

    Dockerd.await(() -> engine.secrets.value("skep-db-v1").isEmpty(), SOON);
    assertThat(engine.secrets.value("skep-db-v2")).isPresent();
    Dockerd.await(() -> status("placement/p0").getGeneration() == 2, SOON);
    awaitAll(1);
    Dockerd.await(() -> journal.plan().gone().isEmpty(), SOON);
  }

  @Test
  void whatKeepsASecretFromBeingMadeStandsOnThePlacementThatWaitsForIt() throws Exception {
    var all = cluster(0);
    all.add(placementWith("skep-db-v1", 1));
    all.add(secret("skep-db-v1", "x".repeat(600_000)));
    assign(complete(all));

    Dockerd.await(() -> status("placement/p0").getMessage().contains("at most"), SOON);
    assertThat(status("placement/p0").getCode()).isEqualTo("secret_missing");
    assertThat(status("placement/p0").getMessage())
        .contains("/run/secrets/db", "skep-db-v1", "skep cluster status");
  }

  @Test
  void agentThatComesBackWithoutTheControlPlaneChangesNoServiceWithSecrets() throws Exception {
    var all = cluster(0);
    all.add(placementWith("skep-db-v1", 1));
    all.add(secret("skep-db-v1", "one"));
    assign(complete(all));
    awaitAll(1);
    int before = engine.changes.get();

    restart();

    Dockerd.await(() -> is("secret/skep-db-v1", State.STATE_APPLIED), SOON);
    awaitAll(1);
    assertThat(engine.changes.get()).isEqualTo(before);
  }

  @Test
  void copiesWhoseLeaseIsOverAreStoppedAndNoOthers() throws Exception {
    assign(complete(cluster(2)));
    awaitAll(2);

    journal.lease().granted(journal.lease().now(), Duration.ZERO, List.of("s1"));

    Dockerd.await(() -> !engine.stops.isEmpty(), SOON);
    assertThat(engine.stops).hasSize(1);
  }

  @Test
  void everythingOfABurstIsMadeOnceFromNothing() throws Exception {
    assign(complete(cluster(200)));
    awaitAll(200);
    assertThat(engine.services()).hasSize(200);
    assertThat(engine.changes.get()).isEqualTo(202);
  }

  @Test
  void restartTouchesNothingThatIsRight() throws Exception {
    assign(complete(cluster(5)));
    awaitAll(5);
    int changes = engine.changes.get();
    restart();
    statuses.clear();
    awaitAll(5);
    assertThat(engine.changes.get()).isEqualTo(changes);
  }

  @Test
  void oneBadObjectBlocksOnlyItself() throws Exception {
    engine.cursed.add("skep-p0");
    assign(complete(cluster(3)));
    Dockerd.await(
        () -> is("placement/p1", State.STATE_APPLIED) && is("placement/p2", State.STATE_APPLIED),
        SOON);
    Dockerd.await(() -> status("placement/p0").getCode().equals("engine_error"), SOON);
    assertThat(status("placement/p0").getState()).isEqualTo(State.STATE_PENDING);
    engine.cursed.clear();
    awaitAll(3);
  }

  @Test
  void lostEngineChangesNoStateAndIsTakenUpAgain() throws Exception {
    assign(complete(cluster(2)));
    awaitAll(2);
    engine.down = true;
    Dockerd.await(() -> status("placement/p0").getCode().equals("engine_down"), SOON);
    assertThat(status("placement/p0").getState()).isEqualTo(State.STATE_APPLIED);
    engine.down = false;
    Dockerd.await(() -> status("placement/p0").getCode().isEmpty(), SOON);
    assertThat(engine.services()).hasSize(2);
  }

  @Test
  void removedOnesGoAndTheirNetworkAfterThem() throws Exception {
    assign(complete(cluster(2)));
    awaitAll(2);
    assign(
        AssignmentSet.newBuilder()
            .setKind(AssignmentSet.Kind.KIND_INCREMENTAL)
            .setAppliesTo(1)
            .setResultsIn(2)
            .addRemove("network/n1")
            .addRemove("placement/p0")
            .addRemove("placement/p1")
            .build());
    Dockerd.await(
        () -> is("network/n1", State.STATE_REMOVED) && is("placement/p1", State.STATE_REMOVED),
        SOON);
    assertThat(engine.services()).isEmpty();
    assertThat(engine.networks()).isEmpty();
    assertThat(journal.plan().gone()).isEmpty();
  }

  @Test
  void orphansGoOnlyForAnAgentThatOwnsTheCluster() throws Exception {
    assign(complete(cluster(3)));
    awaitAll(3);
    assign(complete(cluster(0).subList(0, 1)));
    Dockerd.await(() -> is("swarm", State.STATE_APPLIED), SOON);
    restart();
    Dockerd.await(() -> worker.engineInfo().isPresent(), SOON);
    assertThat(engine.services()).hasSize(3);
    assign(complete(cluster(1)));
    Dockerd.await(() -> engine.services().size() == 1, SOON);
  }

  @Test
  void unknownKindIsReported() throws Exception {
    assign(complete(List.of(Assignment.newBuilder().setId("moon/1").setGeneration(4).build())));
    Dockerd.await(() -> status("moon/1").getCode().equals("unknown_kind"), SOON);
    assertThat(status("moon/1").getState()).isEqualTo(State.STATE_FAILED);
    assertThat(status("moon/1").getGeneration()).isEqualTo(4);
  }

  private static Assignment control(long epoch, String... managers) {
    return Assignment.newBuilder()
        .setId("control")
        .setGeneration(1)
        .setControl(
            SwarmControl.newBuilder().setOwnerEpoch(epoch).addAllManagerNodeIds(List.of(managers)))
        .build();
  }

  @Test
  void theOwnerClaimsTheSwarmAndPromotesItsNodes() throws Exception {
    engine.others.put("n2", FakeEngine.node("n2", "ready", false));
    var all = cluster(2);
    all.add(control(3, "n1", "n2"));
    assign(complete(all));

    awaitAll(2);
    Dockerd.await(() -> engine.others.get("n2").manager(), SOON);
    assertThat(engine.ownerEpoch).isEqualTo(3);
    assertThat(outbox.swarm().getOwnerEpoch()).isEqualTo(3);
  }

  @Test
  void anAgentWhoseSwarmHasANewerOwnerLeavesItsObjectsAlone() throws Exception {
    var all = cluster(1);
    all.add(control(3, "n1"));
    assign(complete(all));
    awaitAll(1);
    engine.ownerEpoch = 4;
    var more = cluster(2);
    more.removeIf(a -> a.getId().equals("placement/p0"));
    more.add(control(3, "n1"));
    restart();
    assign(complete(more));

    Dockerd.await(() -> status("placement/p1").getCode().equals("newer_owner"), SOON);
    assertThat(engine.services()).singleElement().matches(s -> s.placementId().equals("p0"));
  }

  @Test
  void anAgentThatIsNotTheOwnerAnyMoreLeavesItsObjectsAlone() throws Exception {
    var all = cluster(2);
    all.add(control(3, "n1"));
    assign(complete(all));
    awaitAll(2);
    assign(complete(List.of(all.getFirst())));
    int changes = engine.changes.get();
    restart();

    Dockerd.await(() -> is("swarm", State.STATE_APPLIED), SOON);
    assertThat(engine.services()).hasSize(2);
    assertThat(engine.changes.get()).isEqualTo(changes);
  }

  @Test
  void aManagerWithoutALeaderSaysSoAndGoesOnWhenThereIsOne() throws Exception {
    assign(complete(cluster(1)));
    awaitAll(1);
    engine.leaderless = true;
    worker.assigned(java.util.Set.of());
    restart();
    Dockerd.await(() -> !outbox.swarm().getControlError().isEmpty(), SOON);
    assertThat(status("placement/p0").getCode()).isEqualTo("swarm_leaderless");

    engine.leaderless = false;
    awaitAll(1);
    // Told after the assignments, by the next look at the Swarm.
    Dockerd.await(() -> outbox.swarm().getControlError().isEmpty(), SOON);
  }

  @Test
  void anEngineThatHasToForgetItsSwarmLeavesItOnce() throws Exception {
    assign(complete(cluster(1)));
    awaitAll(1);
    var membership = SwarmMembership.newBuilder().setForgetNodeId("n1");
    var swarm =
        Assignment.newBuilder().setId("swarm").setGeneration(2).setSwarm(membership).build();
    var all = cluster(1);
    all.set(0, swarm);
    assign(complete(all));

    Dockerd.await(() -> outbox.swarm().getNodeId().equals("n2"), SOON);
    awaitAll(1);
    int changes = engine.changes.get();
    restart();
    awaitAll(1);
    assertThat(engine.changes.get()).isEqualTo(changes);
  }

  @Test
  void aManagerThatIsToldToMakesAQuorumOfItself() throws Exception {
    assign(complete(cluster(1)));
    awaitAll(1);
    engine.others.put("n9", FakeEngine.node("n9", "down", true));
    engine.leaderless = true;
    var membership =
        SwarmMembership.newBuilder().addManagerAddresses("10.0.0.1:2377").setRecover(true);
    var swarm =
        Assignment.newBuilder().setId("swarm").setGeneration(2).setSwarm(membership).build();
    var all = cluster(1);
    all.set(0, swarm);
    restart();
    assign(complete(all));

    Dockerd.await(() -> !engine.others.get("n9").manager(), SOON);
    awaitAll(1);
    assertThat(engine.services()).hasSize(1);
  }
}
