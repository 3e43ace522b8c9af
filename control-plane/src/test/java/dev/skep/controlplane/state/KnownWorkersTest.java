package dev.skep.controlplane.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.skep.controlplane.db.DatabaseUrl;
import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.fixture.Await;
import dev.skep.controlplane.fixture.TestDatabase;
import dev.skep.controlplane.fleet.Worker;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
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
  void whatOthersChangedSinceTheLastLookIsSeen() {
    test.database()
        .useTransaction(
            h -> {
              assertThat(names(h)).containsExactlyInAnyOrder("w1", "w2");
              elsewhere("update container_workers set replicas = 7 where name = 'w1'");
              assertThat(named("w1", h).replicas()).isEqualTo(7);
              assertSame(h);
              elsewhere("delete from container_workers where name = 'w2'");
              assertThat(names(h)).containsExactly("w1");
              test.addWorker("w3");
              elsewhere("delete from container_workers where name = 'w1'");
              assertThat(names(h)).containsExactly("w3");
              assertSame(h);
            });
  }

  @Test
  void whatDidNotChangeIsNotReadAgain() {
    test.database()
        .useTransaction(
            h -> {
              // Other transactions on the same server make it look again for a while.
              Await.until("w2 is known", () -> instancesInTwoLooks("w2", h) == 1);
              assertThat(instancesInTwoLooks("w1", h)).isEqualTo(1);
            });
  }

  private int instancesInTwoLooks(String name, Handle handle) {
    Set<Worker> instances = Collections.newSetFromMap(new IdentityHashMap<>());
    instances.add(named(name, handle));
    instances.add(named(name, handle));
    return instances.size();
  }

  @Test
  void aTransactionThatBeganBeforeALookAndEndsAfterItIsSeen() throws SQLException {
    try (Connection slow = connection()) {
      slow.setAutoCommit(false);
      test.database()
          .useTransaction(
              h -> {
                run(slow, "update container_workers set replicas = 7 where name = 'w1'");
                // A later one ends before it.
                elsewhere("update container_workers set replicas = 8 where name = 'w2'");
                assertThat(named("w1", h).replicas()).isZero();
                assertThat(named("w2", h).replicas()).isEqualTo(8);
                run(slow, "commit");
                assertThat(named("w1", h).replicas()).isEqualTo(7);
                assertSame(h);
              });
    }
  }

  /** A handle is shared by all that a thread does inside of a transaction. */
  private void elsewhere(String sql) {
    try (Connection connection = connection()) {
      run(connection, sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private Connection connection() throws SQLException {
    DatabaseUrl url = test.database().url();
    return DriverManager.getConnection(url.jdbcUrl(), url.user(), url.password());
  }

  private static void run(Connection connection, String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
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

  private List<String> names(Handle handle) {
    return read(handle).stream().map(Worker::name).toList();
  }

  private List<Worker> read(Handle handle) {
    List<Worker> workers = new ArrayList<>();
    Reads reads = new Reads(handle);
    known.ask(reads, all -> all.values().forEach(workers::addAll));
    reads.send();
    return workers;
  }

  private static List<Worker> all(Handle handle) {
    List<Worker> workers = new ArrayList<>();
    Reads reads = new Reads(handle);
    KnownWorkers.askAll(reads, all -> all.values().forEach(workers::addAll));
    reads.send();
    return workers;
  }

  private Worker named(String name, Handle handle) {
    return read(handle).stream().filter(w -> w.name().equals(name)).findFirst().orElseThrow();
  }
}
