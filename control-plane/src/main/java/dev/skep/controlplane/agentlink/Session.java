package dev.skep.controlplane.agentlink;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import dev.skep.agent.v1.AssignmentSet;
import dev.skep.agent.v1.Facts;
import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.HeartbeatAck;
import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.agent.v1.StatusAck;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.agent.v1.Welcome;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.rpc.Errors;
import dev.skep.controlplane.state.Failpoint;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One agent's session. Everything that happens to it is put into one queue and handled by one
 * virtual thread, so nothing here needs a lock and nothing blocks the network's threads.
 */
final class Session implements StreamObserver<SessionRequest>, Runnable {
  private static final Logger log = LoggerFactory.getLogger(Session.class);
  private static final int QUEUE = 256;
  private static final int HELLO_SECONDS = 5;
  private static final int SLOW_READER_SECONDS = 30;
  private static final int PROTOCOL_VERSION = 1;
  private static final java.time.Duration CLOSE_AGAIN = java.time.Duration.ofSeconds(5);
  private static final int CLOSE_ATTEMPTS = 120;

  /** What can happen to a session. */
  private sealed interface Event {}

  private record Inbound(SessionRequest request) implements Event {}

  private record Stored(long sequence) implements Event {}

  private record Changed() implements Event {}

  private record Granted(VolumeLease lease) implements Event {}

  private record Ended(String why) implements Event {}

  private final WorkerId worker;
  private final ServerCallStreamObserver<SessionResponse> agent;
  private final SessionContext context;
  private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicBoolean changed = new AtomicBoolean();
  private final Semaphore ready = new Semaphore(0);
  private WorkerFacts facts = WorkerStore.facts(Facts.getDefaultInstance());
  private List<String> toldEndpoints = List.of();
  private volatile @Nullable Thread runner;
  private volatile boolean ending;
  private long epoch;
  private Leases.@Nullable Talk talk;
  private long sentRevision;

  Session(
      WorkerId worker, ServerCallStreamObserver<SessionResponse> agent, SessionContext context) {
    this.worker = worker;
    this.agent = agent;
    this.context = context;
    agent.setOnCancelHandler(() -> end("the connection is gone"));
    agent.setOnReadyHandler(ready::release);
  }

  @Override
  public void onNext(SessionRequest request) {
    if (!queue.offer(new Inbound(request))) {
      end("the agent sends faster than it can be served");
    }
  }

  @Override
  public void onError(Throwable t) {
    end("the connection is gone");
  }

  @Override
  public void onCompleted() {
    end("the agent said goodbye");
  }

  /** Assignments may have changed; many calls before the next look count as one. */
  void assignmentsChanged() {
    if (changed.compareAndSet(false, true) && !queue.offer(new Changed())) {
      changed.set(false);
    }
  }

  /** A lease that does not fit into the queue is one that got lost: the next one comes. */
  private void granted(VolumeLease lease) {
    if (!queue.offer(new Granted(lease))) {
      log.warn("worker {} does not hear of its lease: its session is too busy", worker);
    }
  }

  /** Ends the session; the agent will dial again unless it was deleted. */
  void end(String why) {
    ending = true;
    while (!queue.offer(new Ended(why))) {
      // A full queue is of no use any more.
      queue.clear();
    }
    ready.release();
  }

  /** Ends the session also while it waits for the database. */
  void sever(String why) {
    end(why);
    Thread thread = runner;
    if (thread != null) {
      thread.interrupt();
    }
  }

  @Override
  public void run() {
    String why = "it ended";
    ClusterId cluster = null;
    runner = Thread.currentThread();
    try {
      Hello hello = hello();
      facts = WorkerStore.facts(hello.getFacts());
      UUID home = home();
      WorkerStore.Opened opened =
          context
              .store()
              .open(new WorkerStore.Opening(worker, facts, home, hello.getLeaderEpoch()));
      epoch = opened.epoch();
      talk = new Leases.Talk(epoch, this::granted);
      cluster = opened.cluster();
      context.registry().add(worker, cluster, this);
      if (!home.equals(context.presence().id())) {
        throw away();
      }
      welcome(hello);
      why = serve();
      agent.onCompleted();
    } catch (InterruptedException e) {
      why = "this control plane stops or was away";
      agent.onError(Errors.status(new Refusal(Reason.SHUTTING_DOWN, why)));
    } catch (RuntimeException e) {
      why = String.valueOf(e.getMessage());
      fail(e);
    } finally {
      runner = null;
      if (cluster != null) {
        closed(why);
      }
    }
  }

  private UUID home() {
    if (context.presence().away()) {
      throw away();
    }
    return context.presence().id();
  }

  private static Refusal away() {
    return new Refusal(
        Reason.DATABASE_UNAVAILABLE,
        "this control plane does not reach the database; dial another");
  }

  private void fail(RuntimeException e) {
    if (!(e instanceof Refusal)) {
      log.error("session of worker {} failed", worker, e);
    }
    if (!agent.isCancelled()) {
      agent.onError(Errors.status(e));
    }
  }

  private void closed(String why) {
    log.info("worker {} disconnected: {}", worker, why);
    context.registry().remove(worker, this);
    // An interrupt was meant for the session, which is over.
    Thread.interrupted();
    for (int attempt = 1; attempt <= CLOSE_ATTEMPTS && !close(); attempt++) {
      try {
        Thread.sleep(CLOSE_AGAIN);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private boolean close() {
    try {
      context.store().close(worker, epoch);
      return true;
    } catch (RuntimeException e) {
      log.warn("cannot write yet that worker {} disconnected: {}", worker, e.getMessage());
      return false;
    }
  }

  private Hello hello() throws InterruptedException {
    Event first = queue.poll(HELLO_SECONDS, TimeUnit.SECONDS);
    if (first instanceof Inbound(SessionRequest request) && request.hasHello()) {
      return request.getHello();
    }
    throw Status.INVALID_ARGUMENT
        .withDescription("the first message must be a hello, within " + HELLO_SECONDS + " s")
        .asRuntimeException();
  }

  private void welcome(Hello hello) throws InterruptedException {
    Instant now = context.clock().instant();
    log.info(
        "worker {} connected, session {}, agent {}",
        worker,
        epoch,
        hello.getFacts().getAgentVersion());
    if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
      log.warn("worker {} speaks protocol {}", worker, hello.getProtocolVersion());
    }
    toldEndpoints = context.presence().endpoints();
    agent.onNext(
        SessionResponse.newBuilder()
            .setWelcome(
                Welcome.newBuilder()
                    .setSessionEpoch(epoch)
                    .setHeartbeatInterval(
                        Duration.newBuilder().setSeconds(context.heartbeatInterval().toSeconds()))
                    .setServerTime(
                        Timestamp.newBuilder()
                            .setSeconds(now.getEpochSecond())
                            .setNanos(now.getNano()))
                    .addAllEndpoints(toldEndpoints))
            .build());
    context.heartbeats().seen(worker, Beat.of(now));
    if (hello.hasSwarm()) {
      report(StatusReport.newBuilder().setSwarm(hello.getSwarm()).build());
    }
    sendComplete();
  }

  private String serve() throws InterruptedException {
    long silence = context.heartbeatInterval().multipliedBy(3).toMillis();
    while (true) {
      Event event = queue.poll(silence, TimeUnit.MILLISECONDS);
      switch (event) {
        case null -> {
          return "no message for " + silence / 1000 + " s";
        }
        case Ended(String why) -> {
          return why;
        }
        case Stored(long sequence) ->
            agent.onNext(
                SessionResponse.newBuilder()
                    .setStatusAck(StatusAck.newBuilder().setSequence(sequence))
                    .build());
        case Granted(VolumeLease lease) ->
            agent.onNext(SessionResponse.newBuilder().setVolumeLease(lease).build());
        case Changed() -> {
          changed.set(false);
          sendIncremental();
        }
        case Inbound(SessionRequest request) -> handle(request);
      }
    }
  }

  private void handle(SessionRequest request) throws InterruptedException {
    Instant now = context.clock().instant();
    context.heartbeats().seen(worker, Beat.of(now, request.getHeartbeat().getUsage()));
    switch (request.getMessageCase()) {
      case HEARTBEAT -> {
        keepFacts(request.getHeartbeat());
        context.leases().ask(worker, requireNonNull(talk), request.getHeartbeat());
        agent.onNext(
            SessionResponse.newBuilder()
                .setHeartbeatAck(acknowledge(request.getHeartbeat()))
                .build());
      }
      case STATUS -> report(request.getStatus());
      case ASSIGNMENTS_REQUEST -> sendComplete();
      // A second hello or a message of a newer version: nothing to do.
      case HELLO, MESSAGE_NOT_SET -> {}
    }
  }

  /** Tells of control planes that came or went, so that the agent knows where else to go. */
  private HeartbeatAck acknowledge(Heartbeat heartbeat) {
    HeartbeatAck.Builder ack = HeartbeatAck.newBuilder().setSequence(heartbeat.getSequence());
    List<String> endpoints = context.presence().endpoints();
    if (!endpoints.equals(toldEndpoints)) {
      toldEndpoints = endpoints;
      ack.addAllEndpoints(endpoints);
    }
    return ack.build();
  }

  /** Agents of the first version tell facts whenever the free disk changes a little. */
  private void keepFacts(Heartbeat heartbeat) {
    WorkerFacts now = WorkerStore.facts(heartbeat.getFacts());
    if (heartbeat.hasFacts() && now.worthWriting(facts)) {
      context.store().updateFacts(worker, now);
      facts = now;
    }
  }

  private void report(StatusReport status) {
    Failpoint.STATUS_RECEIVED.hit();
    // A full queue means no acknowledgement: the agent sends it again.
    context
        .ingest()
        .offer(worker, epoch, status, () -> queue.offer(new Stored(status.getSequence())));
  }

  private void sendComplete() throws InterruptedException {
    send(context.assignments().complete(worker));
  }

  private void sendIncremental() throws InterruptedException {
    Optional<AssignmentSet> set = context.assignments().since(worker, sentRevision);
    if (set.isEmpty() || set.get().getResultsIn() != sentRevision) {
      send(set);
    }
  }

  private void send(Optional<AssignmentSet> set) throws InterruptedException {
    AssignmentSet assignments = set.orElseThrow(WorkerStore::deleted);
    Failpoint.ASSIGNMENT_READ.hit();
    if (!awaitReady()) {
      return;
    }
    agent.onNext(SessionResponse.newBuilder().setAssignments(assignments).build());
    sentRevision = assignments.getResultsIn();
    Failpoint.FRAME_SENT.hit();
  }

  /** False when the session ends: who is gone will never read. */
  private boolean awaitReady() throws InterruptedException {
    if (agent.isReady()) {
      return true;
    }
    ready.drainPermits();
    if (!ending && !agent.isReady() && !ready.tryAcquire(SLOW_READER_SECONDS, TimeUnit.SECONDS)) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the agent does not read")
          .asRuntimeException();
    }
    return !ending;
  }
}
