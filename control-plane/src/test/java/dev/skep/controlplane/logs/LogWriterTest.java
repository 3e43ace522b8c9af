package dev.skep.controlplane.logs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.skep.agent.v1.LogBatch;
import dev.skep.agent.v1.LogEntry;
import dev.skep.agent.v1.LogGap;
import dev.skep.controlplane.fixture.Specs;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.kernel.OrganizationId;
import dev.skep.controlplane.kernel.ServiceId;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.pki.MasterKey;
import dev.skep.controlplane.vault.Redactor;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LogWriterTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);

  private final TestDatabase test = TestDatabase.create();
  private final OrganizationId organization = test.addOrganization("one");
  private final WorkerId worker = test.addWorker("w1");
  private final ServiceId service =
      test.addService(organization, "api", 1, Specs.minimal().build());
  @TempDir private Path directory;

  private final LogReader reader = new LogReader(test.database());

  LogWriterTest() {
    place(service);
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void aLineThatIsSentAgainIsStoredOnce() {
    write(batch(A, 0, 3));
    write(batch(A, 0, 3), batch(A, 1, 4), batch(A, 5, 2), batch(A, 5, 2));

    assertThat(texts()).containsExactly("a0", "a1", "a2", "a3", "a4", "a5", "a6");
    assertThat(all())
        .extracting(LogReader.Line::cursor)
        .containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
  }

  @Test
  void randomResendsLoseAndDoubleNothing() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(7);
    Map<String, Integer> sent = new HashMap<>(Map.of(A, 0, B, 0));
    for (int i = 0; i < 150; i++) {
      List<LogBatch> group = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        String container = random.nextBoolean() ? A : B;
        int known = sent.getOrDefault(container, 0);
        int first = known - random.nextInt(Math.min(known, 5) + 1);
        int count = random.nextInt(6);
        group.add(batch(container, first, count));
        sent.put(container, Math.max(known, first + count));
      }
      write(group.toArray(LogBatch[]::new));
    }

    for (String container : sent.keySet()) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < sent.getOrDefault(container, 0); i++) {
        expected.add(container.charAt(0) + "" + i);
      }
      assertThat(
              all().stream()
                  .filter(l -> l.container().equals(container))
                  .map(l -> l.entry().getText().toStringUtf8()))
          .as("seed 7")
          .isEqualTo(expected);
    }
    assertThat(all()).extracting(LogReader.Line::cursor).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void aGapIsToldOnceHoweverOftenItIsSent() {
    write(batch(A, 0, 1));
    LogBatch gap = gap(A, 5, 4, 1);
    write(gap);
    write(gap, gap);

    assertThat(texts()).containsExactly("a0", "4 lines were lost before this: spool_full", "a5");
  }

  @Test
  void aGapOfUnknownSizeIsToldOnceToo() {
    write(batch(A, 0, 1));
    LogBatch gap = gap(A, 1, 0, 0);
    write(gap);
    write(gap, batch(A, 1, 1));

    assertThat(texts())
        .containsExactly(
            "a0", "an unknown number of lines were lost before this: spool_full", "a1");
  }

  @Test
  void linesOfAServiceThatAWorkerDoesNotHoldAreDropped() {
    ServiceId other = test.addService(organization, "other", 1, Specs.minimal().build());
    write(batch(A, 0, 1).toBuilder().setServiceId(other.toString()).build());
    write(batch(A, 0, 1).toBuilder().setServiceId("nonsense").build());
    write(batch("not-hex", 0, 1));

    assertThat(test.number("select count(*) from log_chunks")).isZero();
  }

  @Test
  void anotherOrganizationReadsNothing() {
    write(batch(A, 0, 3));
    OrganizationId other = test.addOrganization("two");

    assertThat(reader.read(other, service, new LogReader.Range(0, Instant.EPOCH, 10))).isEmpty();
    assertThat(reader.tailCursor(other, service, 10)).isZero();
  }

  @Test
  void aReaderStartsAtATailACursorOrATime() {
    for (int i = 0; i < 100; i++) {
      write(batch(A, i * 3, 3));
    }

    assertThat(reader.tailCursor(organization, service, 5)).isEqualTo(295);
    assertThat(read(295, Instant.EPOCH, 100)).extracting(LogReader.Line::cursor).hasSize(5);
    assertThat(read(0, Instant.EPOCH, 4)).hasSize(4);
    assertThat(read(0, START.plusSeconds(290), 100))
        .extracting(l -> l.entry().getText().toStringUtf8())
        .startsWith("a290")
        .hasSize(10);
    assertThat(read(300, Instant.EPOCH, 100)).isEmpty();
  }

  private List<LogReader.Line> read(long cursor, Instant since, int max) {
    return reader.read(organization, service, new LogReader.Range(cursor, since, max));
  }

  private List<LogReader.Line> all() {
    return read(0, Instant.EPOCH, 10_000);
  }

  private List<String> texts() {
    return all().stream().map(l -> l.entry().getText().toStringUtf8()).collect(Collectors.toList());
  }

  private LogWriter writer() {
    MasterKey key = MasterKey.open(directory.resolve("master.key"));
    return new LogWriter(InstantSource.fixed(START), new Redactor(key));
  }

  private void write(LogBatch... batches) {
    List<LogWriter.Arrived> arrived =
        java.util.Arrays.stream(batches).map(b -> new LogWriter.Arrived(worker, b)).toList();
    test.database().useTransaction(h -> writer().write(h, arrived));
  }

  private void place(ServiceId id) {
    test.execute(
        "insert into placements (id, organization_id, service_id, cluster_id, worker_id,"
            + " release_id, replicas, restart_generation, revision, cpu_millis, memory_bytes,"
            + " pinned_node) select ?, organization_id, id, cluster_id, ?, release_id, 1, 0, 1, 1,"
            + " 1, '' from container_services where id = ?",
        test.ids().get(),
        worker.value(),
        id.value());
  }

  private LogBatch batch(String container, int first, int count) {
    LogBatch.Builder batch =
        LogBatch.newBuilder()
            .setContainerId(container)
            .setServiceId(service.toString())
            .setFirstOffset(first);
    for (int i = first; i < first + count; i++) {
      batch.addLines(
          LogEntry.newBuilder()
              .setStream(1)
              .setTimeUnixNanos(START.plusSeconds(i).getEpochSecond() * 1_000_000_000L)
              .setText(ByteString.copyFromUtf8(container.charAt(0) + "" + i)));
    }
    return batch.build();
  }

  private LogBatch gap(String container, int first, int lost, int count) {
    return batch(container, first, count).toBuilder()
        .setGap(LogGap.newBuilder().setReason("spool_full").setLines(lost))
        .build();
  }
}
