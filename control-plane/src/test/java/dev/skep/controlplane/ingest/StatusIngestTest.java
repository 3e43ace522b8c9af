package dev.skep.controlplane.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.SwarmNode;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.TaskStatus;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StatusIngestTest {
  private static final long EPOCH = 3;

  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId organization = test.addOrganization("one");
  private final WorkerId manager = test.addWorker("w1");
  private final WorkerId other = test.addWorker("w2");
  private final UUID placement = test.ids().get();
  private @Nullable StatusIngest ingest;

  @BeforeEach
  void open(@TempDir Path directory) {
    test.makeManager(manager);
    ServiceId service = test.addService(organization, "api", 1, Specs.minimal().build());
    test.execute(
        "insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
            + " release_id, replicas, generation, restart_generation, revision, cpu_millis,"
            + " memory_bytes, pinned_node) select ?, organization_id, id, cluster_id, ?,"
            + " release_id, 1, 5, 0, 1, 1, 1, 'node-w2' from container_services where id = ?",
        placement,
        other.value(),
        service.value());
    test.execute("update container_workers set session_epoch = ?", EPOCH);
    ingest = new StatusIngest(test.database(), MasterKey.open(directory.resolve("master.key")));
    ingest.start();
  }

  @AfterEach
  void close() {
    java.util.Objects.requireNonNull(ingest).close();
    test.close();
  }

  @Test
  void theManagerIsBelieved() {
    send(manager, EPOCH, status(5, ObjectStatus.State.STATE_APPLIED));

    assertThat(observed()).isEqualTo("5 APPLIED");
  }

  @Test
  void nobodyElseIs() {
    send(other, EPOCH, status(5, ObjectStatus.State.STATE_APPLIED));

    assertThat(observed()).isEqualTo("0 PENDING");
  }

  @Test
  void aReportOfAnOlderSessionIsIgnored() {
    send(manager, EPOCH - 1, status(5, ObjectStatus.State.STATE_APPLIED));

    assertThat(observed()).isEqualTo("0 PENDING");
  }

  @Test
  void aReportOfAnOlderGenerationDoesNotTakeBackANewerOne() {
    send(manager, EPOCH, status(5, ObjectStatus.State.STATE_APPLIED));
    send(manager, EPOCH, status(4, ObjectStatus.State.STATE_FAILED));

    assertThat(observed()).isEqualTo("5 APPLIED");
  }

  @Test
  void anAgentThatManagesNoSwarmNowDoesNotTakeAwayWhatWasSeen() {
    ObjectStatus seen = status(5, ObjectStatus.State.STATE_APPLIED).getObjects(0);
    send(manager, EPOCH, report(seen.toBuilder().addTasks(TaskStatus.newBuilder())));
    send(
        manager,
        EPOCH,
        report(seen.toBuilder().setState(ObjectStatus.State.STATE_PENDING).setCode("not_manager")));

    assertThat(observed()).isEqualTo("5 PENDING");
    assertThat(tasks()).isEqualTo(1);
    send(manager, EPOCH, report(seen.toBuilder()));
    assertThat(tasks()).isZero();
  }

  private static StatusReport report(ObjectStatus.Builder status) {
    return StatusReport.newBuilder().addObjects(status).build();
  }

  private long tasks() {
    return test.number("select jsonb_array_length(observed_tasks) from placements");
  }

  @Test
  void aReportOfTheFutureIsIgnored() {
    send(manager, EPOCH, status(6, ObjectStatus.State.STATE_APPLIED));

    assertThat(observed()).isEqualTo("0 PENDING");
  }

  @Test
  void whatWasNotToBeRemovedIsNotRemoved() {
    send(manager, EPOCH, status(5, ObjectStatus.State.STATE_REMOVED));
    assertThat(observed()).isEqualTo("0 PENDING");

    test.execute("update placements set removing = true, generation = 6");
    send(manager, EPOCH, status(5, ObjectStatus.State.STATE_REMOVED));
    assertThat(observed()).isEqualTo("5 REMOVED");
  }

  @Test
  void whatPostgresCannotStoreIsCleanedOrIgnored() {
    StatusReport report =
        StatusReport.newBuilder()
            .addObjects(ObjectStatus.newBuilder().setAssignmentId("placement/x"))
            .addObjects(ObjectStatus.newBuilder().setAssignmentId(""))
            .addObjects(
                status(5, ObjectStatus.State.STATE_FAILED).getObjects(0).toBuilder()
                    .setMessage("a\0b" + "x".repeat(10_000))
                    .addTasks(TaskStatus.newBuilder().setMessage("\0")))
            .build();
    send(manager, EPOCH, report);

    assertThat(test.list(String.class, "select observed_message from placements").getFirst())
        .startsWith("a?bx")
        .hasSize(2_000);
  }

  @Test
  void theManagerTellsTheNodesAndTheTokens() {
    SwarmState swarm =
        SwarmState.newBuilder()
            .setNodeId("node-w1")
            .setSwarmId("swarm")
            .setManager(true)
            .setManagerAddress("10.0.0.1:2377")
            .setWorkerJoinToken("SWMTKN-secret")
            .addNodes(SwarmNode.newBuilder().setNodeId("node-w2").setState("down"))
            .build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(swarm).build());
    long revision = test.number("select revision from clusters");
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(swarm).build());

    assertThat(
            test.list(
                String.class, "select swarm_node_state from container_workers where name = 'w2'"))
        .containsExactly("down");
    assertThat(test.list(String.class, "select encode(worker_join_token, 'escape') from clusters"))
        .allSatisfy(token -> assertThat(token).doesNotContain("secret"));
    assertThat(test.number("select revision from clusters"))
        .as("the same again is no change")
        .isEqualTo(revision);
    assertThat(test.number("select membership_generation from clusters")).isEqualTo(2);
  }

  @Test
  void anAgentThatDoesNotKnowItsNodeYetDoesNotTakeItAway() {
    SwarmState known = SwarmState.newBuilder().setNodeId("node-w1").build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(known).build());
    SwarmState begun = SwarmState.newBuilder().setError("the engine is away").build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(begun).build());

    assertThat(
            test.list(
                String.class,
                "select swarm_node_id || ', ' || swarm_error from container_workers where name = 'w1'"))
        .containsExactly("node-w1, the engine is away");
  }

  @Test
  void aNodeThatTheManagerNamedBeforeItsOwnAgentDidHasItsState() {
    SwarmState list =
        SwarmState.newBuilder()
            .setNodeId("node-w1")
            .setManager(true)
            .addNodes(SwarmNode.newBuilder().setNodeId("node-new").setState("down"))
            .build();
    SwarmState own = SwarmState.newBuilder().setNodeId("node-new").build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(list).build());
    send(other, EPOCH, StatusReport.newBuilder().setSwarm(own).build());

    assertThat(
            test.list(
                String.class, "select swarm_node_state from container_workers where name = 'w2'"))
        .containsExactly("down");
  }

  @Test
  void aManagerThatTheOthersDoNotReachIsDownAlthoughItsStateIsNotKnown() {
    owner(SwarmNode.newBuilder().setNodeId("node-w2").setState("ready").setManager(true));
    owner(
        SwarmNode.newBuilder()
            .setNodeId("node-w2")
            .setState("unknown")
            .setManager(true)
            .setUnreachable(true));

    assertThat(
            test.list(
                String.class,
                "select swarm_node_state || swarm_manager || swarm_reachable from container_workers"
                    + " where name = 'w2'"))
        .containsExactly("readytruefalse");
  }

  @Test
  void aNodeThatHasToBeForgottenIsNotTakenBackButTheNextOneIs() {
    test.execute(
        "update container_workers set forget_node = 'node-w2', swarm_node_id = '',"
            + " swarm_node_state = 'down' where name = 'w2'");
    send(other, EPOCH, own("node-w2"));
    assertThat(nodeOf("w2")).isEqualTo(" down");

    send(other, EPOCH, own("node-w2b"));
    assertThat(nodeOf("w2")).isEqualTo("node-w2b ");
    assertThat(test.list(String.class, "select pinned_node from placements"))
        .containsExactly("node-w2b");
  }

  @Test
  void aRecoveryIsDoneWhenItsWorkerIsTheOnlyManager() {
    test.execute(
        "update clusters set recovery_generation = 1, recovery_worker_id = manager_worker_id");
    SwarmNode.Builder one = SwarmNode.newBuilder().setNodeId("node-w1").setManager(true);
    SwarmNode.Builder two = SwarmNode.newBuilder().setNodeId("node-w2").setManager(true);

    owner(one, two);
    assertThat(recovered()).isZero();
    owner(one, two.setManager(false));
    assertThat(recovered()).isEqualTo(1);
  }

  @Test
  void whyAManagerCannotChangeTheSwarmIsKeptWithItsBeginning() {
    SwarmState error = SwarmState.newBuilder().setControlError("no leader").build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(error).build());
    long since = test.number(SINCE);
    SwarmState other = SwarmState.newBuilder().setControlError("still no leader").build();
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(other).build());

    assertThat(test.number(SINCE)).isEqualTo(since);
    send(manager, EPOCH, own("node-w1"));
    assertThat(test.number("select count(*) from container_workers where control_error <> ''"))
        .isZero();
  }

  private static final String SINCE =
      "select (extract(epoch from control_error_since) * 1000000)::bigint from container_workers"
          + " where name = 'w1'";

  private void owner(SwarmNode.Builder... nodes) {
    SwarmState.Builder swarm = SwarmState.newBuilder().setNodeId("node-w1").setManager(true);
    java.util.Arrays.stream(nodes).forEach(swarm::addNodes);
    send(manager, EPOCH, StatusReport.newBuilder().setSwarm(swarm).build());
  }

  private static StatusReport own(String node) {
    return StatusReport.newBuilder().setSwarm(SwarmState.newBuilder().setNodeId(node)).build();
  }

  private String nodeOf(String worker) {
    return test.list(
            String.class,
            "select swarm_node_id || ' ' || swarm_node_state from container_workers where name = ?",
            worker)
        .getFirst();
  }

  private long recovered() {
    return test.number("select recovered_generation from clusters");
  }

  @Test
  void anImageThatIsThereShowsItsPlacementToTheManagersAgent() {
    String image = image();
    send(other, EPOCH, status(image, 1, ObjectStatus.State.STATE_PENDING, "registry_unreachable"));
    assertThat(imageState()).isEqualTo("PENDING registry_unreachable");
    assertThat(test.number("select revision from placements")).isEqualTo(1);

    send(other, EPOCH, status(image, 1, ObjectStatus.State.STATE_APPLIED, ""));

    assertThat(imageState()).isEqualTo("APPLIED ");
    long revision = test.number("select revision from clusters");
    assertThat(test.number("select revision from placements")).isEqualTo(revision);
    send(other, EPOCH, status(image, 1, ObjectStatus.State.STATE_APPLIED, ""));
    assertThat(test.number("select revision from clusters")).as("no news").isEqualTo(revision);
  }

  @Test
  void ofItsImagesOnlyAWorkersOwnAgentSpeaksInTheNewestSessionAndGeneration() {
    String image = image();
    send(manager, EPOCH, status(image, 1, ObjectStatus.State.STATE_APPLIED, ""));
    send(other, EPOCH - 1, status(image, 1, ObjectStatus.State.STATE_APPLIED, ""));
    send(other, EPOCH, status(image, 2, ObjectStatus.State.STATE_APPLIED, ""));
    send(other, EPOCH, status(image, 1, ObjectStatus.State.STATE_REMOVED, ""));

    assertThat(imageState()).isEqualTo("PENDING ");
  }

  @Test
  void anImageThatWasRemovedIsForgottenUnlessItIsWantedAgain() {
    String image = image();
    test.execute("update worker_images set removing = true, generation = 2");
    send(other, EPOCH, status(image, 1, ObjectStatus.State.STATE_APPLIED, ""));
    assertThat(imageState()).isEqualTo("PENDING ");
    test.execute("update worker_images set removing = false, generation = 3");
    send(other, EPOCH, status(image, 2, ObjectStatus.State.STATE_REMOVED, ""));
    assertThat(imageState()).isEqualTo("PENDING ");

    test.execute("update worker_images set removing = true, generation = 4");
    send(other, EPOCH, status(image, 4, ObjectStatus.State.STATE_REMOVED, ""));
    assertThat(test.number("select count(*) from worker_images")).isZero();
  }

  /** The image of the placement, wanted on its worker. */
  private String image() {
    test.execute(
        "insert into worker_images (worker_id, image, revision)"
            + " select worker_id, image, 1 from placements p join releases r on r.id = release_id");
    return test.list(String.class, "select image from worker_images").getFirst();
  }

  private String imageState() {
    return test.list(
            String.class, "select observed_state || ' ' || observed_code from worker_images")
        .getFirst();
  }

  private static StatusReport status(
      String image, long generation, ObjectStatus.State state, String code) {
    return StatusReport.newBuilder()
        .addObjects(
            ObjectStatus.newBuilder()
                .setAssignmentId("image/" + image)
                .setGeneration(generation)
                .setState(state)
                .setCode(code))
        .build();
  }

  private String observed() {
    return test.list(
            String.class, "select observed_generation || ' ' || observed_state from placements")
        .getFirst();
  }

  private void send(WorkerId worker, long epoch, StatusReport report) {
    AtomicBoolean stored = new AtomicBoolean();
    assertThat(
            java.util.Objects.requireNonNull(ingest)
                .offer(worker, epoch, report, () -> stored.set(true)))
        .isTrue();
    Await.until("the report is stored", stored::get);
  }

  private StatusReport status(long generation, ObjectStatus.State state) {
    return StatusReport.newBuilder()
        .addObjects(
            ObjectStatus.newBuilder()
                .setAssignmentId("placement/" + placement)
                .setGeneration(generation)
                .setState(state))
        .build();
  }
}
