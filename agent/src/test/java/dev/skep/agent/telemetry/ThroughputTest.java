package dev.skep.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.AgentServiceGrpc;
import dev.skep.agent.v1.ShipLogsRequest;
import dev.skep.agent.v1.ShipLogsResponse;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many containers with a backlog: all lines arrive; the rate is printed, not asserted. */
class ThroughputTest {
  private static final int CONTAINERS = 10;
  private static final int LINES = 200_000;

  @TempDir Path directory;

  @Test
  void backlogOfManyContainersArrivesWhole() throws Exception {
    List<LogSource> sources = new ArrayList<>();
    String[] lines = new String[LINES];
    Arrays.fill(
        lines,
        "{\"log\":\"%s\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T02:38:43.123456789Z\"}\n"
            .formatted("m".repeat(120)));
    byte[] backlog = String.join("", lines).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < CONTAINERS; i++) {
      Path path = directory.resolve("c" + i + "-json.log");
      Files.write(path, backlog);
      sources.add(new LogSource("c" + i, path, "s", "p", true));
    }
    var counter = new Counter();
    String name = InProcessServerBuilder.generateName();
    var server = InProcessServerBuilder.forName(name).addService(counter).build().start();
    var channel = InProcessChannelBuilder.forName(name).build();
    for (int run = 0; run < 3; run++) {
      counter.lines.set(0);
      long begin = System.nanoTime();
      try (Telemetry telemetry =
          Telemetry.start(
              directory.resolve("spool" + run), LogLimits.defaults(), InstantSource.system())) {
        telemetry.sources(sources);
        telemetry.connected(AgentServiceGrpc.newStub(channel));
        Await.until(() -> "all lines", () -> counter.lines.get() >= (long) CONTAINERS * LINES);
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      System.out.printf("run %d: %.0f lines/s%n", run, CONTAINERS * LINES / seconds);
      assertThat(counter.lines.get()).isEqualTo((long) CONTAINERS * LINES);
    }
    channel.shutdownNow();
    server.shutdownNow();
  }

  private static final class Counter extends AgentServiceGrpc.AgentServiceImplBase {
    final AtomicLong lines = new AtomicLong();

    @Override
    public StreamObserver<ShipLogsRequest> shipLogs(StreamObserver<ShipLogsResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(ShipLogsRequest request) {
          lines.addAndGet(request.getBatch().getLinesCount());
          long sequence = request.getBatch().getSequence();
          answers.onNext(ShipLogsResponse.newBuilder().setAckedSequence(sequence).build());
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }
  }
}
