package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.Worker;
import java.util.Collection;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class KnownWorkersTest {
  private final TestDatabase test = TestDatabase.create();
  private final KnownWorkers known = new KnownWorkers();

  @BeforeEach
  void add() {
    test.addWorker("w1");
    test.addWorker("w2");
  }

  @AfterEach
  void close() {
    test.close();
  }

  @Test
  void whatChangedSinceTheLastLookIsSeen() {
    test.database()
        .useTransaction(
            h -> {
              assertThat(read(h)).extracting(Worker::name).containsExactlyInAnyOrder("w1", "w2");
              test.execute("update container_workers set replicas = 7 where name = 'w1'");
              assertSame(h);
              test.addWorker("w3");
              assertSame(h);
              test.execute("delete from container_workers where name = 'w2'");
              assertSame(h);
              test.execute("delete from container_workers where name = 'w1'");
              test.addWorker("w4");
              assertSame(h);
              assertThat(read(h)).extracting(Worker::name).containsExactlyInAnyOrder("w3", "w4");
            });
  }

  @Test
  void whatDidNotChangeIsNotReadAgain() {
    test.database()
        .useTransaction(
            h -> {
              // Other transactions on the same server make it look again for a while.
              Await.until("w2 is known", () -> named("w2", h) == named("w2", h));
              Worker before = named("w1", h);
              test.execute("update container_workers set replicas = 7 where name = 'w1'");
              assertThat(named("w1", h)).isNotSameAs(before);
            });
  }

  @Test
  void aTransactionThatBeganBeforeALookAndEndsAfterItIsSeen() {
    test.database()
        .useTransaction(
            h -> {
              test.database()
                  .useTransaction(
                      slow -> {
                        slow.execute("update container_workers set replicas = 7 where name = 'w1'");
                        // A later one ends before it.
                        test.execute("update container_workers set replicas = 8 where name = 'w2'");
                        assertThat(named("w1", h).replicas()).isZero();
                        assertThat(named("w2", h).replicas()).isEqualTo(8);
                        assertSame(h);
                      });
              assertThat(named("w1", h).replicas()).isEqualTo(7);
              assertSame(h);
            });
  }

  @Test
  void whatItsOwnTransactionWroteIsSeenInTheNext() {
    test.database()
        .useTransaction(
            h -> {
              assertSame(h);
              h.execute("update container_workers set replicas = 7 where name = 'w1'");
            });
    test.database()
        .useTransaction(
            h -> {
              assertThat(named("w1", h).replicas()).isEqualTo(7);
              assertSame(h);
            });
  }

  @Test
  void anotherServerIsAskedForEverything() {
    test.database().useTransaction(this::assertSame);
    try (TestDatabase other = TestDatabase.create()) {
      other.addWorker("w8");
      other.addWorker("w9");
      other
          .database()
          .useTransaction(
              h ->
                  assertThat(read(h))
                      .extracting(Worker::name)
                      .containsExactlyInAnyOrder("w8", "w9"));
    }
  }

  private void assertSame(Handle handle) {
    assertThat(read(handle)).containsExactlyInAnyOrderElementsOf(all(handle));
  }

  private List<Worker> read(Handle handle) {
    return known.read(handle).values().stream().flatMap(Collection::stream).toList();
  }

  private static List<Worker> all(Handle handle) {
    return KnownWorkers.readAll(handle).values().stream().flatMap(Collection::stream).toList();
  }

  private Worker named(String name, Handle handle) {
    return read(handle).stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
  }
}
