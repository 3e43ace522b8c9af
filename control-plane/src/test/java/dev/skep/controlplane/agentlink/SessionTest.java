package dev.skep.controlplane.agentlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.Hello;
import dev.skep.agent.v1.SessionRequest;
import dev.skep.agent.v1.SessionResponse;
import dev.skep.controlplane.dispatch.AssignmentReader;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.ingest.StatusIngest;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.state.Presence;
import io.grpc.stub.ServerCallStreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class SessionTest {
  /** Far less than what a slow agent is given. */
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  private final TestDatabase test = TestDatabase.create();
  private final WorkerId worker = test.addWorker("w1");
  private final DeafAgent agent = new DeafAgent();

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void anAgentThatDiesWhileItIsToldSomethingIsGoneAtOnce(@TempDir Path directory) {
    MasterKey key = MasterKey.open(directory.resolve("key"));
    try (Presence presence =
            new Presence(
                test.database(),
                new Presence.Self(List.of("cp:1"), "https://cp", "1"),
                test.ids());
        StatusIngest ingest = new StatusIngest(test.database(), key)) {
      presence.start();
      WorkerStore store = new WorkerStore(test.database());
      Duration interval = Duration.ofSeconds(10);
      Leases leases = new Leases(store, interval);
      Session session =
          new Session(
              worker,
              agent,
              new SessionContext(
                  store,
                  new AssignmentReader(test.database(), key),
                  ingest,
                  new SessionRegistry(),
                  new Heartbeats(store, leases, interval),
                  leases,
                  InstantSource.system(),
                  interval,
                  presence));
      session.onNext(
          SessionRequest.newBuilder().setHello(Hello.newBuilder().setProtocolVersion(1)).build());
      Thread.ofVirtual().start(session);
      agent.awaitQuestion();
      long start = System.nanoTime();
      agent.die();
      Await.until(
          "the session is closed",
          () -> test.number("select count(*) from container_workers where connected") == 0);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(AT_ONCE);
    }
  }

  /** Its welcome went into the network's buffers; then it reads nothing more. */
  private static final class DeafAgent extends ServerCallStreamObserver<SessionResponse> {
    private final CountDownLatch asked = new CountDownLatch(1);
    private Runnable onCancel = () -> {};
    private volatile boolean dead;

    /** Waits until somebody wants to send more than the buffers take. */
    void awaitQuestion() {
      Await.until("the session asks whether the agent reads", () -> asked.getCount() == 0);
    }

    void die() {
      dead = true;
      onCancel.run();
    }

    @Override
    public boolean isReady() {
      asked.countDown();
      return false;
    }

    @Override
    public boolean isCancelled() {
      return dead;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void onNext(SessionResponse response) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void setCompression(String compression) {}
  }
}
