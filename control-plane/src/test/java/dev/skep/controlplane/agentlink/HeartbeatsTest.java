package dev.skep.controlplane.agentlink;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.agent.v1.Usage;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.Pressure;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.state.Rows;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HeartbeatsTest {
  private final TestDatabase test = TestDatabase.create();
  private final WorkerStore store = new WorkerStore(test.database());
  private final Heartbeats heartbeats =
      new Heartbeats(store, new Leases(store, Duration.ofSeconds(30)), Duration.ofSeconds(30));
  private final Instant start = Instant.parse("2030-01-01T00:00:00Z");
  private final WorkerId worker = test.addWorker("w1");

  @AfterEach
  void close() {
    heartbeats.close();
    test.close();
  }

  @Test
  void theWholeFleetIsWrittenAtOnce() {
    var workers = IntStream.range(0, 50).mapToObj(i -> test.addWorker("many-" + i)).toList();
    workers.forEach(id -> heartbeats.seen(id, Beat.of(start)));
    heartbeats.flush();

    assertThat(
            test.number(
                "select count(distinct xmin::text) from container_workers where last_heartbeat_at = ?",
                start))
        .isEqualTo(1);
    assertThat(
            test.number(
                "select count(*) from container_workers where last_heartbeat_at = ?", start))
        .isEqualTo(50);
  }

  @Test
  void aLateHeartbeatDoesNotTurnTheClockBack() {
    flush(Beat.of(start));
    flush(Beat.of(start.minusSeconds(5)));

    assertThat(read().link().lastHeartbeat()).isEqualTo(start);
  }

  @Test
  void pressureBeginsOverTheThresholdAndEndsFivePointsBelow() {
    flush(cpu(0, 91));
    flush(cpu(30, 95));
    flush(cpu(60, 86));
    assertThat(read().pressedSince()).isEqualTo(Map.of(Pressure.CPU, start));

    flush(cpu(90, 84));
    assertThat(read().pressedSince()).isEmpty();
    flush(cpu(120, 89));
    assertThat(read().pressedSince()).isEmpty();
  }

  @Test
  void anyMessageKeepsWhatTheHeartbeatSaid() {
    heartbeats.seen(worker, cpu(0, 99));
    heartbeats.seen(worker, Beat.of(start.plusSeconds(1)));
    heartbeats.flush();
    flush(Beat.of(start.plusSeconds(2)));

    Map<Pressure, Double> usage =
        test.database()
            .read(
                h ->
                    h.createQuery("select * from container_workers")
                        .map((row, c) -> Rows.usage(row))
                        .one());
    assertThat(usage).isEqualTo(Map.of(Pressure.CPU, 99.0));
    assertThat(read().pressedSince()).containsKey(Pressure.CPU);
  }

  @Test
  void whatAnAgentCannotMeanIsNotStored() {
    flush(Beat.of(start, Usage.newBuilder().setCpuPercent(Float.NaN).setDiskPercent(1e9f).build()));

    assertThat(read().pressedSince()).containsOnlyKeys(Pressure.DISK);
  }

  private Beat cpu(int seconds, float percent) {
    return Beat.of(start.plusSeconds(seconds), Usage.newBuilder().setCpuPercent(percent).build());
  }

  private void flush(Beat beat) {
    heartbeats.seen(worker, beat);
    heartbeats.flush();
  }

  private Worker read() {
    return test.database()
        .read(
            h ->
                h.createQuery("select * from container_workers where id = :id")
                    .bind("id", worker.value())
                    .map((row, c) -> Rows.worker(row))
                    .one());
  }
}
