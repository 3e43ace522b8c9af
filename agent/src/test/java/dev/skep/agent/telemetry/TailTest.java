package dev.skep.agent.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One container, a server without faults, and what can happen to the container's files. */
class TailTest {
  private static final LogLimits LIMITS =
      new LogLimits(4 << 20, 64 << 10, 100, 16 << 10, 1 << 20, 0);

  @TempDir Path directory;
  private StoringServer server;
  private EngineLog log;
  private Telemetry telemetry;

  @BeforeEach
  void start() throws Exception {
    server = new StoringServer(1, 0);
    log = new EngineLog(directory.resolve("c/c-json.log"), Long.MAX_VALUE, 3);
    telemetry = Telemetry.start(directory.resolve("spool"), LIMITS, InstantSource.system());
  }

  @AfterEach
  void stop() throws Exception {
    telemetry.close();
    server.close();
  }

  @Test
  void firstSightBeginsWithTheOldestFile() throws Exception {
    log.line(1, "one");
    log.rotate();
    log.line(1, "two");
    log.rotate();
    log.line(1, "three");
    follow(true);
    awaitLines("one", "two", "three");
    log.rotate();
    log.line(2, "four");
    awaitLines("one", "two", "three", "four");
    assertThat(stored().gaps).isEmpty();
  }

  @Test
  void tornLineWaitsForItsEnd() throws Exception {
    String physical = log.physical(1, "torn\n");
    log.line(1, "whole");
    log.append(physical.substring(0, 20));
    follow(true);
    awaitLines("whole");
    log.append(physical.substring(20));
    awaitLines("whole", "torn");
  }

  @Test
  void unfinishedLineOfAStoppedContainerIsSentAsItIs() throws Exception {
    log.append(log.physical(1, "no end"));
    follow(true);
    log.line(2, "other");
    awaitLines("other");
    follow(false);
    awaitLines("other", "no end");
  }

  @Test
  void garbageIsCountedAndTold() throws Exception {
    log.line(1, "before");
    log.append("\0\0\0\n");
    log.line(1, "after");
    follow(true);
    awaitLines("before", "after");
    assertThat(stored().gaps).hasSize(1);
    assertThat(stored().gaps.getFirst().getReason()).isEqualTo("unreadable");
    assertThat(stored().next).isEqualTo(3);
  }

  @Test
  void truncationInPlaceLeavesAGap() throws Exception {
    log.line(1, "old ".repeat(200));
    follow(true);
    awaitLines("old ".repeat(200));
    Files.writeString(log.path(), log.physical(1, "new\n"));
    awaitLines("old ".repeat(200), "new");
    assertThat(stored().gaps).hasSize(1);
    assertThat(stored().gaps.getFirst().getReason()).isEqualTo("rotated");
  }

  @Test
  void whatRotatesAwayWhileTheAgentIsDownLeavesAGap() throws Exception {
    log.line(1, "seen");
    follow(true);
    awaitLines("seen");
    telemetry.close();
    for (int i = 0; i < 4; i++) {
      log.rotate();
      log.line(1, "later " + i);
    }
    telemetry = Telemetry.start(directory.resolve("spool"), LIMITS, InstantSource.system());
    follow(true);
    awaitLines("seen", "later 1", "later 2", "later 3");
    assertThat(stored().gaps).hasSize(1);
    assertThat(stored().gaps.getFirst().getLines()).isZero();
  }

  @Test
  void removedContainerIsReadToItsEndAndForgotten() throws Exception {
    log.line(1, "first");
    follow(true);
    awaitLines("first");
    log.line(1, "last");
    log.remove();
    telemetry.sources(List.of());
    awaitLines("first", "last");
  }

  @Test
  void fullSpoolStopsReadingAndTellsWhatRotatedAway() throws Exception {
    server.deaf(true);
    follow(true);
    fillOneFile();
    Await.until(() -> "spool filled", () -> spoolBytes() > 256 << 10);
    for (int file = 0; file < 6; file++) {
      log.rotate();
      fillOneFile();
    }
    server.deaf(false);
    server.settle();
    log.line(1, "end");
    Await.until(
        () -> "the end, of " + stored().lines.size(),
        () -> !stored().lines.isEmpty() && stored().lines.getLast().equals("end"));
    assertThat(stored().gaps).extracting(gap -> gap.getReason()).containsOnly("spool_full");
    assertThat(stored().lines.size()).isLessThan(log.written.size());
    assertThat(spoolBytes()).isLessThanOrEqualTo(LIMITS.spoolBytes());
    assertThat(server.violations).isEmpty();
  }

  /** More than the spool lets one container hold. */
  private void fillOneFile() throws Exception {
    for (int i = 0; i < 300; i++) {
      log.line(1, "x".repeat(4_000));
    }
  }

  private long spoolBytes() throws Exception {
    try (var files = Files.list(directory.resolve("spool"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private void follow(boolean running) {
    telemetry.sources(List.of(new LogSource("c", log.path(), "service", "placement", running)));
    telemetry.connected(server.stub());
  }

  private StoringServer.Stored stored() {
    return server.of("c");
  }

  private void awaitLines(String... lines) throws Exception {
    Await.until(
        () -> "%s but was %s".formatted(List.of(lines), stored().lines),
        () -> stored().lines.size() >= lines.length);
    assertThat(stored().lines).containsExactly(lines);
  }
}
