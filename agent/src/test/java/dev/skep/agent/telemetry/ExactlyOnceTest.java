package dev.skep.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Broken streams, late and repeated acknowledgements, killed agents, torn spools: each line arrives
 * once, in order.
 */
class ExactlyOnceTest {
  private static final LogLimits LIMITS =
      new LogLimits(8 << 20, 64 << 10, 40, 8 << 10, 48 << 10, 0);
  private static final List<String> ODD =
      List.of(
          "",
          "\0nul\0",
          "\u001b[31mred\u001b[0m \u001b]0;title\u0007",
          "broken \uFFFD utf-8",
          "separators \u2028 and \u2029",
          "pair \uD83D\uDE00 and quote \" and \\ and \\u0041",
          "tab\tcr\rend",
          "<html>&amp;",
          "ж".repeat(20_000),
          "\0".repeat(100_000),
          "\uD83D\uDE80".repeat(5_000));

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyLineArrivesOnceAndInOrder(long seed) throws Exception {
    Random random = new Random(seed);
    List<EngineLog> logs = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      logs.add(
          new EngineLog(directory.resolve("c" + i).resolve("c" + i + "-json.log"), 200_000, 90));
    }
    try (StoringServer server = new StoringServer(seed, 0.02)) {
      for (int life = 0; life < 8; life++) {
        live(random, logs, server);
        if (random.nextBoolean()) {
          tear(random);
        }
      }
      Telemetry last = start(server, logs, false);
      for (int i = 0; i < logs.size(); i++) {
        arrived(logs.get(i), server);
        var stored = server.of("c" + i);
        assertThat(List.copyOf(stored.lines)).isEqualTo(logs.get(i).written);
        assertThat(stored.gaps).isEmpty();
      }
      last.close();
      assertThat(server.violations).isEmpty();
    }
  }

  /** One run of the agent, killed somewhere while the containers write. */
  private void live(Random random, List<EngineLog> logs, StoringServer server) throws Exception {
    Telemetry telemetry = start(server, logs, true);
    int rounds = 50 + random.nextInt(250);
    for (int i = 0; i < rounds; i++) {
      write(random, logs.get(random.nextInt(logs.size())));
      if (random.nextInt(80) == 0) {
        telemetry.disconnected();
      } else if (random.nextInt(40) == 0) {
        telemetry.connected(server.stub());
      }
    }

    if (random.nextBoolean()) {
      telemetry.connected(server.stub());
      arrived(logs.getFirst(), server);
    }
    telemetry.close();
  }

  private static void arrived(EngineLog log, StoringServer server) throws Exception {
    String id = String.valueOf(log.path().getFileName()).replace("-json.log", "");
    Await.until(
        () ->
            "all lines of "
                + id
                + ": "
                + server.of(id).lines.size()
                + "/"
                + log.written.size()
                + server.violations,
        () -> {
          server.settle();
          return server.of(id).lines.size() >= log.written.size();
        });
  }

  private static void write(Random random, EngineLog log) throws IOException {
    int kind = random.nextInt(60);
    int stream = 1 + random.nextInt(2);
    if (kind < ODD.size()) {
      log.line(stream, ODD.get(kind));
    } else if (kind == 59) {
      log.alternating(
          "a".repeat(random.nextInt(60_000)), "b".repeat(60_000 + random.nextInt(90_000)));
    } else if (kind == 58 && random.nextInt(10) == 0) {
      log.line(stream, "x".repeat(1 << 20));
    } else {
      log.line(stream, "line " + random.nextLong() + "y".repeat(random.nextInt(200)));
    }
  }

  private Telemetry start(StoringServer server, List<EngineLog> logs, boolean running)
      throws IOException {
    Telemetry telemetry =
        Telemetry.start(directory.resolve("spool"), LIMITS, InstantSource.system());
    List<LogSource> sources = new ArrayList<>();
    for (int i = 0; i < logs.size(); i++) {
      sources.add(new LogSource("c" + i, logs.get(i).path(), "s", "p", running));
    }
    telemetry.sources(sources);
    telemetry.connected(server.stub());
    return telemetry;
  }

  /** Makes of an orderly stop a crash: the last bytes of the spool never reached the disk. */
  private void tear(Random random) throws IOException {
    List<Path> segments;
    try (Stream<Path> list = Files.list(directory.resolve("spool"))) {
      segments = list.filter(Segment::isSegment).sorted().toList();
    }
    if (segments.isEmpty()) {
      return;
    }
    try (FileChannel last = FileChannel.open(segments.getLast(), StandardOpenOption.WRITE)) {
      last.truncate(Math.max(0, last.size() - random.nextInt(20_000)));
    }
  }
}
