package dev.skep.agent.link;

import dev.skep.agent.journal.Journal;
import dev.skep.agent.journal.LeaseTalk;
import dev.skep.agent.report.MachineFacts;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.AssignmentsRequest;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.Welcome;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One stream to one control plane, from Hello to its end. */
final class Session implements ClientResponseObserver<SessionRequest, SessionResponse> {
  private static final Logger log = LoggerFactory.getLogger(Session.class);
  private static final int PROTOCOL_VERSION = 1;
  private static final Duration WELCOME_WITHIN = Duration.ofSeconds(10);
  private static final Duration COALESCE = Duration.ofMillis(5);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(30);
  private static final Duration SHORTEST_HEARTBEAT = Duration.ofMillis(100);
  private static final int MISSED_ACKS = 3;

  private final String instanceId;
  private final Link.Cargo cargo;
  private final Listener listener;
  private final LeaseTalk lease;

  /** Held while a message is taken in. */
  private final Object taking = new Object();

  private @Nullable ClientCallStreamObserver<SessionRequest> out;
  private volatile boolean welcomed;
  private volatile @Nullable Status end;
  private volatile Duration interval = DEFAULT_HEARTBEAT;
  private volatile long lastAck = System.nanoTime();
  private long nextHeartbeat = System.nanoTime();
  private long heartbeats;
  private Facts sentFacts = Facts.getDefaultInstance();

  /** Hears what concerns the link, on the network's threads. */
  interface Listener {
    void welcome(Welcome welcome);

    /** host:port of all control planes that are there now. */
    void endpoints(List<String> present);

    /** The control plane wants a fresh certificate. */
    void renewNow();
  }

  /** A session that does nothing yet. */
  Session(String instanceId, Link.Cargo cargo, Listener listener) {
    this.instanceId = instanceId;
    this.cargo = cargo;
    this.listener = listener;
    this.lease = new LeaseTalk(cargo.journal().lease());
  }

  /**
   * Speaks until the stream ends or {@code enough} says so.
   *
   * @return why it ended
   */
  Status run(Channel channel, Supplier<Boolean> enough) throws InterruptedException {
    AgentServiceGrpc.newStub(channel).session(this);
    try {
      send(SessionRequest.newBuilder().setHello(hello()).build());
      long started = System.nanoTime();
      lastAck = started;
      while (end == null && !enough.get()) {
        if (!welcomed && System.nanoTime() - started > WELCOME_WITHIN.toNanos()) {
          return Status.DEADLINE_EXCEEDED.withDescription("no welcome within 10 s");
        }
        if (welcomed && silent()) {
          return Status.UNAVAILABLE.withDescription("no heartbeat was acknowledged");
        }
        speak();
      }
      var why = end;
      return why == null ? Status.OK : why;
    } finally {
      cancel();
      awaitTaken();
    }
  }

  /** A message that is being taken in must not come after those of the next session. */
  private void awaitTaken() {
    synchronized (taking) {
      log.trace("Nothing of this session comes any more");
    }
  }

  private Hello hello() {
    sentFacts = cargo.facts().get();
    var plan = cargo.journal().plan();
    return Hello.newBuilder()
        .setProtocolVersion(PROTOCOL_VERSION)
        .setInstanceId(instanceId)
        .setFacts(sentFacts)
        .setSwarm(cargo.outbox().swarm())
        .setAssignmentRevision(plan.revision())
        .setLeaderEpoch(plan.leaderEpoch())
        .build();
  }

  private void speak() throws InterruptedException {
    if (!welcomed) {
      Thread.sleep(COALESCE);
      return;
    }
    heartbeatIfDue();
    cargo.outbox().await(untilHeartbeat());
    // What happens together goes together.
    Thread.sleep(COALESCE);
    var stream = out;
    if (stream != null && stream.isReady()) {
      cargo
          .outbox()
          .take(System.nanoTime())
          .ifPresent(r -> send(SessionRequest.newBuilder().setStatus(r).build()));
    }
  }

  private Duration untilHeartbeat() {
    var left = Duration.ofNanos(Math.max(0, nextHeartbeat - System.nanoTime()));
    return left.compareTo(TICK) < 0 ? left : TICK;
  }

  private boolean silent() {
    return System.nanoTime() - lastAck > interval.toNanos() * MISSED_ACKS;
  }

  private void heartbeatIfDue() {
    if (nextHeartbeat - System.nanoTime() > 0) {
      return;
    }
    var beat = Heartbeat.newBuilder().setSequence(++heartbeats);
    lease.ask(beat);
    var facts = cargo.facts().get();
    beat.setUsage(cargo.usage().get());
    if (MachineFacts.differ(sentFacts, facts)) {
      beat.setFacts(facts);
      sentFacts = facts;
    }
    send(SessionRequest.newBuilder().setHeartbeat(beat).build());
    double jitter = 0.9 + ThreadLocalRandom.current().nextDouble() * 0.2;
    nextHeartbeat = System.nanoTime() + (long) (interval.toNanos() * jitter);
  }

  private synchronized void send(SessionRequest request) {
    var stream = out;
    if (stream != null && end == null) {
      stream.onNext(request);
    }
  }

  private synchronized void cancel() {
    var stream = out;
    if (end == null && stream != null) {
      end = Status.CANCELLED;
      stream.cancel("this session is over", null);
    }
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<SessionRequest> stream) {
    out = stream;
  }

  @Override
  public void onNext(SessionResponse response) {
    synchronized (taking) {
      if (end == null) {
        take(response);
      }
    }
  }

  private void take(SessionResponse response) {
    try {
      switch (response.getMessageCase()) {
        case WELCOME -> welcome(response.getWelcome());
        case ASSIGNMENTS -> assignments(response.getAssignments());
        case HEARTBEAT_ACK -> {
          lastAck = System.nanoTime();
          listener.endpoints(response.getHeartbeatAck().getEndpointsList());
        }
        case VOLUME_LEASE -> lease.granted(response.getVolumeLease());
        case STATUS_ACK -> cargo.outbox().acked(response.getStatusAck().getSequence());
        case MESSAGE_NOT_SET -> log.debug("A message that this agent does not know");
      }
    } catch (RuntimeException e) {
      // For one, a disk that is full: what was not made durable is sent again after the next Hello.
      log.error("A message could not be taken in; the session starts over", e);
      onError(Status.INTERNAL.withDescription(String.valueOf(e.getMessage())).asException());
    }
  }

  private void welcome(Welcome welcome) {
    var wish =
        Duration.ofSeconds(
            welcome.getHeartbeatInterval().getSeconds(), welcome.getHeartbeatInterval().getNanos());
    if (wish.compareTo(SHORTEST_HEARTBEAT) >= 0) {
      interval = wish;
    }
    lastAck = System.nanoTime();
    cargo.outbox().newSession();
    listener.welcome(welcome);
    welcomed = true;
  }

  private void assignments(AssignmentSet set) {
    if (set.getRenewCertificate()) {
      listener.renewNow();
    }
    switch (cargo.journal().apply(set)) {
      case Journal.Applied.Changed(var ids) -> cargo.assigned().accept(ids);
      case Journal.Applied.Gap(var appliesTo, var have) -> {
        log.info("Assignments build on revision {}, here is {}; asking for all", appliesTo, have);
        send(
            SessionRequest.newBuilder()
                .setAssignmentsRequest(AssignmentsRequest.getDefaultInstance())
                .build());
      }
      case Journal.Applied.Stale(var epoch, var seen) ->
          log.warn("Assignments of leader epoch {} are ignored; {} was seen", epoch, seen);
    }
  }

  @Override
  public void onError(Throwable failure) {
    if (end == null) {
      end = Status.UNAVAILABLE.withDescription(Reason.of(failure)).withCause(failure);
    }
  }

  @Override
  public void onCompleted() {
    if (end == null) {
      end = Status.UNAVAILABLE.withDescription("the control plane ended the session");
    }
  }
}
