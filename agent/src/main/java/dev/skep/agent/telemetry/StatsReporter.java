package dev.skep.agent.telemetry;

import com.google.protobuf.Timestamp;
import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.ReportStatsRequest;
import dev.skep.agent.v1.ReportStatsResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells once a period what the containers use. A report that fails is not repeated: the next one
 * says more.
 */
final class StatsReporter implements Runnable {
  static final Duration PERIOD = Duration.ofMinutes(1);
  private static final Logger log = LoggerFactory.getLogger(StatsReporter.class);
  private static final long DEADLINE_SECONDS = 20;

  private final ContainerStatsReader reader;
  private final InstantSource time;
  private final Duration period;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile List<StatsTarget> targets = List.of();
  private volatile AgentServiceGrpc.@Nullable AgentServiceStub stub;

  StatsReporter(ContainerStatsReader reader, InstantSource time, Duration period) {
    this.reader = reader;
    this.time = time;
    this.period = period;
  }

  /**
   * A virtual thread: it sleeps nearly always, and a stack of its own would be the larger part of
   * it.
   */
  void start() {
    Thread.ofVirtual().name("stats").start(this);
  }

  void targets(Collection<StatsTarget> current) {
    targets = List.copyOf(current);
  }

  void connect(AgentServiceGrpc.@Nullable AgentServiceStub current) {
    stub = current;
  }

  void close() {
    closed.countDown();
  }

  @Override
  public void run() {
    try {
      while (!closed.await(period.toMillis(), TimeUnit.MILLISECONDS)) {
        report();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void report() {
    var current = stub;
    if (current != null) {
      current
          .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
          .reportStats(request(time.instant()), new Outcome());
    }
  }

  private ReportStatsRequest request(Instant now) {
    ReportStatsRequest.Builder request = ReportStatsRequest.newBuilder();
    request.setTime(
        Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()));
    targets.forEach(target -> reader.read(target).ifPresent(request::addContainers));
    return request.build();
  }

  private static final class Outcome implements StreamObserver<ReportStatsResponse> {
    @Override
    public void onNext(ReportStatsResponse response) {}

    @Override
    public void onError(Throwable cause) {
      log.info("container use was not reported: {}", cause.getMessage());
    }

    @Override
    public void onCompleted() {}
  }
}
