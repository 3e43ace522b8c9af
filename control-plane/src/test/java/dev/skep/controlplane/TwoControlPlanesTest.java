package dev.skep.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.EnrollResponse;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.StubRegistry;
import dev.skep.v1.CreateServiceRequest;
import dev.skep.v1.FollowLogsRequest;
import dev.skep.v1.FollowLogsResponse;
import dev.skep.v1.GetServiceRequest;
import dev.skep.v1.LogsServiceGrpc;
import dev.skep.v1.ServiceSpec;
import dev.skep.v1.ServicesServiceGrpc;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two control planes on one database: what one does, the other knows. */
@SuppressWarnings("NullAway.Init")
final class TwoControlPlanesTest {
  private final StubRegistry registry = new StubRegistry();
  private TestControlPlane leader;
  private @Nullable TestControlPlane second;
  private Database database;
  private KeyPair key;
  private EnrollResponse worker;

  @BeforeEach
  void start(@TempDir Path one, @TempDir Path two) throws Exception {
    leader = new TestControlPlane(one);
    second = leader.another(two);
    database = Database.vital(leader.database());
    key = TestAgents.keys();
    worker = new TestAgents(follower()).enroll(new TestAgents(leader).token(), key, "w1");
  }

  @AfterEach
  void stop() {
    database.close();
    if (second != null) {
      second.close();
    }
    leader.close();
    registry.close();
  }

  @Test
  void aSessionOnTheFollowerGetsWhatTheLeaderDecides() throws Exception {
    TestSession session = TestSession.open(agents(follower()), "w1", 0);
    Await.until(
        "agents are told of both",
        () -> session.endpoints().size() == 2 || session.heartbeat().getEndpointsCount() == 2);

    create(leader, "on-leader");
    create(follower(), "on-follower");

    assertThat(session.await("placement/").hasPlacement()).isTrue();
    assertThat(session.leaderEpoch()).isEqualTo(1);
    assertThat(number("select count(*) from leases")).isEqualTo(1);
    Await.until("each is placed once", () -> number("select count(*) from placements") == 2);
    for (TestControlPlane any : List.of(leader, follower())) {
      for (String name : List.of("on-leader", "on-follower")) {
        assertThat(
                services(any)
                    .getService(GetServiceRequest.newBuilder().setService(name).build())
                    .getService()
                    .getName())
            .isEqualTo(name);
      }
    }
  }

  @Test
  void whoFollowsALogOnOneSeesTheLinesThatReachTheOther() throws Exception {
    TestSession session = TestSession.open(agents(follower()), "w1", 0);
    String service = create(leader, "api");
    session.await("placement/");
    List<String> lines = new CopyOnWriteArrayList<>();
    LogsServiceGrpc.newStub(leader.people())
        .followLogs(FollowLogsRequest.newBuilder().setService("api").build(), new Lines(lines));
    ship(follower(), service, "one", "two");
    Await.until("the lines", () -> lines.size() == 2);

    ship(leader, service, "three");
    Await.until("the third", () -> lines.size() == 3);
    assertThat(lines).containsExactly("one", "two", "three");
  }

  @Test
  void theOtherLeadsAndServesWhenTheLeaderStops() throws Exception {
    TestSession session = TestSession.open(agents(leader), "w1", 0);
    assertThat(session.endpoints()).contains(leader.agentEndpoint());
    leader.close();
    Await.until("the session ends", session::ended);
    assertThat(number("select count(*) from container_workers where connected")).isZero();

    TestSession next = TestSession.open(agents(follower()), "w1", session.leaderEpoch());
    create(follower(), "api");
    next.await("placement/");
    assertThat(next.leaderEpoch()).isEqualTo(2);
    Await.until(
        "agents are told of the one that is left",
        () ->
            next.heartbeat().getSequence() > 0
                && number("select count(*) from control_planes") == 1);
    assertThat(number("select count(*) from placements")).isEqualTo(1);
  }

  @Test
  void aSessionOfAControlPlaneThatWasGivenUpEndsAndItsRowIsTheNextOnes() throws Exception {
    TestSession session = TestSession.open(agents(follower()), "w1", 0);
    session.endpoints();
    // What another control plane does that has not heard of it for long.
    database.useTransaction(
        h ->
            h.execute(
                "delete from control_planes where id = (select control_plane_id from container_workers)"));
    Await.until("the session ends", session::ended);

    TestSession next = TestSession.open(agents(follower()), "w1", 0);
    Await.until("it is welcome again", () -> next.endpoints().contains(follower().agentEndpoint()));
    Await.until(
        "its row says so",
        () ->
            number(
                    "select count(*) from container_workers w join control_planes c on c.id = w.control_plane_id where w.connected")
                == 1);
  }

  @Test
  void anAgentThatHasSeenALaterLeaderIsObeyedAgain() throws Exception {
    TestSession session = TestSession.open(agents(follower()), "w1", 70);
    create(leader, "api");

    session.await("placement/");
    assertThat(session.leaderEpoch()).isGreaterThan(70);
  }

  private TestControlPlane follower() {
    return Objects.requireNonNull(second);
  }

  private Channel agents(TestControlPlane skep) throws Exception {
    return skep.agents(TestAgents.identity(key, worker));
  }

  private static ServicesServiceGrpc.ServicesServiceBlockingStub services(TestControlPlane skep) {
    return ServicesServiceGrpc.newBlockingStub(skep.people());
  }

  private String create(TestControlPlane skep, String name) {
    return services(skep)
        .createService(
            CreateServiceRequest.newBuilder()
                .setName(name)
                .setSpec(ServiceSpec.newBuilder().setImage(registry.image("app:1")))
                .build())
        .getService()
        .getId();
  }

  private void ship(TestControlPlane skep, String service, String... texts) throws Exception {
    long offset = number("select coalesce(max(next_offset), 0) from log_positions");
    LogBatch.Builder batch =
        LogBatch.newBuilder()
            .setSequence(1)
            .setContainerId("c".repeat(64))
            .setServiceId(service)
            .setFirstOffset(offset);
    for (String text : texts) {
      batch.addLines(LogEntry.newBuilder().setStream(1).setText(ByteString.copyFromUtf8(text)));
    }
    AgentServiceGrpc.newStub(agents(skep))
        .shipLogs(new Ignored())
        .onNext(ShipLogsRequest.newBuilder().setBatch(batch).build());
  }

  private long number(String sql) {
    return database.read(h -> h.select(sql).mapTo(Long.class).one());
  }

  private record Lines(List<String> lines) implements StreamObserver<FollowLogsResponse> {
    @Override
    public void onNext(FollowLogsResponse response) {
      response.getLinesList().forEach(line -> lines.add(line.getText()));
    }

    @Override
    public void onError(Throwable t) {
      // Ends with the test; a line that is missing fails the wait for it.
    }

    @Override
    public void onCompleted() {}
  }

  private static final class Ignored implements StreamObserver<ShipLogsResponse> {
    @Override
    public void onNext(ShipLogsResponse response) {}

    @Override
    public void onError(Throwable t) {
      // The wait for the lines fails then.
    }

    @Override
    public void onCompleted() {}
  }
}
