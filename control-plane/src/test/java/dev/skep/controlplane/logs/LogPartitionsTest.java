package dev.skep.controlplane.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LogPartitionsTest {
  private static final Instant START = Instant.parse("2030-01-10T23:00:00Z");

  private final TestDatabase test = TestDatabase.create();
  private final UUID service = test.ids().get();
  private long cursor;

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void daysAheadGetAPartitionOnce() {
    maintain(START);
    maintain(START);

    assertThat(partitions())
        .containsExactly("log_chunks_d20300111", "log_chunks_d20300112", "log_chunks_d20300113");
  }

  @Test
  void aDayIsDroppedWhenItIsOlderThanTheRetention() {
    maintain(START);
    store("2030-01-10");
    store("2030-01-11");

    maintain(START.plus(Duration.ofDays(7)));
    assertThat(days()).containsExactly("2030-01-10", "2030-01-11");
    maintain(START.plus(Duration.ofDays(8)));
    assertThat(days()).containsExactly("2030-01-11");
    maintain(START.plus(Duration.ofDays(9)));
    assertThat(days()).isEmpty();
    assertThat(partitions()).doesNotContain("log_chunks_d20300111");
  }

  @Test
  void linesOfTodayAreStoredBeforeAnyPartitionIsThere() {
    store("2030-01-10");
    maintain(START);

    assertThat(days()).containsExactly("2030-01-10");
  }

  private void maintain(Instant now) {
    new LogPartitions(test.database(), () -> now, Duration.ofDays(7)).maintain();
  }

  private void store(String day) {
    test.execute(
        "insert into log_chunks (organization_id, service_id, first_cursor, last_cursor,"
            + " container_id, last_time, body, stored_on)"
            + " values (?, ?, ?, ?, 'c', now(), '', ?::date)",
        service,
        service,
        ++cursor,
        cursor,
        day);
  }

  private List<String> days() {
    return test.list(String.class, "select stored_on::text from log_chunks order by stored_on");
  }

  private List<String> partitions() {
    return test.list(
        String.class,
        "select relname from pg_class where relkind = 'r' and relname like 'log_chunks_d2%'"
            + " order by relname");
  }
}
