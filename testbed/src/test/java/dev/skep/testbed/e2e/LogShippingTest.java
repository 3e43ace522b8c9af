package dev.skep.testbed.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.testbed.Await;
import dev.skep.testbed.TestImages;
import dev.skep.v1.ListLogsRequest;
import dev.skep.v1.LogLine;
import dev.skep.v1.ServiceSpec;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each line of a container arrives once and in order, whoever dies on the way. */
@Tag("e2e")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LogShippingTest {
  private static final int LINES = 100_000;
  private static final int PAD = 88;

  /** Slow enough to be interrupted. */
  private static final int CPU_MILLIS = 40;

  @RegisterExtension private final SkepLab skep = SkepLab.start(1);

  private final Api api = skep.api();

  @AfterEach
  void clear() {
    skep.clear();
  }

  @Test
  void killedControlPlaneLosesAndDoublesNoLine() {
    var _ = api.create("logger", logger());
    awaitPartlyShipped();
    skep.controlPlane().kill9();
    skep.controlPlane().start();
    assertEveryLineOnce();
  }

  @Test
  void killedAgentLosesAndDoublesNoLine() {
    var _ = api.create("logger", logger());
    awaitPartlyShipped();
    skep.agent("w1").kill9();
    skep.agent("w1").start();
    assertEveryLineOnce();
  }

  private ServiceSpec logger() {
    var spec =
        skep.specs()
            .of(TestImages.logger(), 1)
            .putEnv("LINES", Integer.toString(LINES))
            .putEnv("PAD", Integer.toString(PAD));
    spec.getResourcesBuilder().setCpuMillis(CPU_MILLIS);
    return spec.build();
  }

  private void awaitPartlyShipped() {
    var shipped =
        Await.seconds(60)
            .every(Duration.ofMillis(5))
            .until("some lines are stored", this::lastCursor, cursor -> cursor > 1_000);
    assertThat(shipped).as("the rest is still on its way").isLessThan(LINES);
  }

  private long lastCursor() {
    var request = ListLogsRequest.newBuilder().setService("logger").setTail(1).build();
    return api.logs().listLogs(request).getNextCursor();
  }

  private void assertEveryLineOnce() {
    Await.seconds(120).until("all lines are stored", this::lastCursor, cursor -> cursor >= LINES);
    var padding = "x".repeat(PAD);
    var expected =
        IntStream.rangeClosed(1, LINES).mapToObj(i -> "line %d %s".formatted(i, padding)).toList();
    var lines = api.allLogs("logger");
    assertThat(lines.stream().map(LogLine::getText).toList()).isEqualTo(expected);
    assertThat(lines.stream().map(LogLine::getCursor).toList())
        .isEqualTo(IntStream.rangeClosed(1, LINES).mapToObj(Long::valueOf).toList());
    assertThat(lines).allMatch(line -> line.getStream().equals("stdout"));
  }
}
