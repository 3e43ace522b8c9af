package dev.skep.controlplane;

import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.Assignment;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.HeartbeatAck;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.SwarmNode;
import dev.skep.agent.v1.SwarmState;
import dev.skep.agent.v1.Welcome;
import dev.skep.controlplane.fixture.Await;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An agent's session without an engine: every image is there at once, and every object applied. */
final class TestSession implements StreamObserver<SessionResponse> {
  private final Map<String, Assignment> assignments = new ConcurrentHashMap<>();
  private final List<HeartbeatAck> acks = new CopyOnWriteArrayList<>();
  private final AtomicLong sequence = new AtomicLong();
  private final StreamObserver<SessionRequest> out;
  private volatile @Nullable Welcome welcome;
  private volatile long leaderEpoch;
  private volatile boolean ended;

  private TestSession(Channel channel, Hello hello) {
    this.out = AgentServiceGrpc.newStub(channel).session(this);
    send(SessionRequest.newBuilder().setHello(hello).build());
  }

  /** Says hello as the only node of a Swarm, which it manages. */
  static TestSession open(Channel channel, String worker, long seenEpoch) {
    String node = "node-" + worker;
    return new TestSession(
        channel,
        Hello.newBuilder()
            .setProtocolVersion(1)
            .setLeaderEpoch(seenEpoch)
            .setFacts(Facts.newBuilder().setCpuMillis(4_000).setMemoryBytes(8L << 30).setIpvs(true))
            .setSwarm(
                SwarmState.newBuilder()
                    .setLocalState("active")
                    .setNodeId(node)
                    .setSwarmId("swarm")
                    .setManager(true)
                    .setManagerAddress("127.0.0.1:2377")
                    .setWorkerJoinToken("worker-token")
                    .setManagerJoinToken("manager-token")
                    .addNodes(
                        SwarmNode.newBuilder()
                            .setNodeId(node)
                            .setState("ready")
                            .setAvailability("active")
                            .setManager(true)))
            .build());
  }

  List<String> endpoints() {
    Await.until("the agent is welcome", () -> welcome != null);
    return java.util.Objects.requireNonNull(welcome).getEndpointsList();
  }

  /** Sends a heartbeat and waits for its answer. */
  HeartbeatAck heartbeat() {
    long number = acks.size() + 1L;
    send(
        SessionRequest.newBuilder()
            .setHeartbeat(Heartbeat.newBuilder().setSequence(number))
            .build());
    Await.until("the heartbeat is acknowledged", () -> acks.size() >= number);
    return acks.getLast();
  }

  /** Waits for an assignment of a kind, for example "placement/", and its newest generation. */
  Assignment await(String prefix) {
    Await.until("an assignment " + prefix, () -> find(prefix) != null);
    return java.util.Objects.requireNonNull(find(prefix));
  }

  private @Nullable Assignment find(String prefix) {
    return assignments.values().stream()
        .filter(a -> a.getId().startsWith(prefix))
        .findFirst()
        .orElse(null);
  }

  long leaderEpoch() {
    return leaderEpoch;
  }

  boolean ended() {
    return ended;
  }

  private synchronized void send(SessionRequest request) {
    out.onNext(request);
  }

  @Override
  public void onNext(SessionResponse response) {
    switch (response.getMessageCase()) {
      case WELCOME -> welcome = response.getWelcome();
      case HEARTBEAT_ACK -> acks.add(response.getHeartbeatAck());
      case ASSIGNMENTS -> {
        leaderEpoch = response.getAssignments().getLeaderEpoch();
        response.getAssignments().getPutList().forEach(this::apply);
      }
      case VOLUME_LEASE, STATUS_ACK, MESSAGE_NOT_SET -> {}
    }
  }

  private void apply(Assignment assignment) {
    assignments.put(assignment.getId(), assignment);
    report(
        ObjectStatus.newBuilder()
            .setAssignmentId(assignment.getId())
            .setGeneration(assignment.getGeneration())
            .setState(ObjectStatus.State.STATE_APPLIED)
            .build());
  }

  /** What an engine says of one object. */
  void report(ObjectStatus status) {
    send(
        SessionRequest.newBuilder()
            .setStatus(
                StatusReport.newBuilder()
                    .setSequence(sequence.incrementAndGet())
                    .addObjects(status))
            .build());
  }

  @Override
  public void onError(Throwable t) {
    ended = true;
  }

  @Override
  public void onCompleted() {
    ended = true;
  }
}
