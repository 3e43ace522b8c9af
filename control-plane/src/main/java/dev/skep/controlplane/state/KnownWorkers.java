package dev.skep.controlplane.state;

import static java.util.stream.Collectors.groupingBy;

import dev.skep.controlplane.db.Reads;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * All workers, of which only those are read that have changed since the last time: to read ten
 * thousand takes longer than to plan a thousand services.
 *
 * <p>A row says which transaction wrote it. What a snapshot sees was written by transactions before
 * its horizon or is asked for again the next time, so nothing is missed whatever commits in between
 * and in whatever order. Numbers of transactions only grow as long as the server lives, hence what
 * is known goes with the connection; a server that was restored or took over knows others.
 */
final class KnownWorkers {
  private static final String NOW =
      """
      select count(*) as workers, pg_snapshot_xmin(pg_current_snapshot())::xid::text as horizon
      from container_workers
      """;
  private static final String ALL = "select * from container_workers";
  private static final String CHANGED =
      ALL + " where age(xmin) <= age(cast(:horizon::text as xid))";

  private final AtomicReference<Known> last = new AtomicReference<>(Known.NOTHING);

  /**
   * What the last look has seen.
   *
   * @param server the connection to it, null before the first look
   */
  private record Known(
      @Nullable PGConnection server, String horizon, Map<WorkerId, Worker> workers) {
    static final Known NOTHING = new Known(null, "", Map.of());
  }

  private record Now(int workers, String horizon) {
    static Now of(ResultSet row) throws SQLException {
      return new Now(row.getInt("workers"), row.getString("horizon"));
    }
  }

  /** {@code answer} hears of the workers of each cluster. */
  void ask(Reads reads, Consumer<Map<ClusterId, List<Worker>>> answer) {
    PGConnection server = server(reads.handle().getConnection());
    Known before = last.get();
    boolean again = server.equals(before.server);
    AtomicReference<Now> now = new AtomicReference<>();
    // Before the rows: a transaction that commits between the two statements is seen again.
    reads
        .ask(NOW, (row, c) -> Now.of(row), found -> now.set(found.getFirst()))
        .ask(
            again ? CHANGED : ALL,
            (row, c) -> Rows.worker(row),
            read -> {
              Map<WorkerId, Worker> workers =
                  again ? learned(reads.handle(), now.get(), before, read) : byId(read);
              last.set(new Known(server, now.get().horizon, workers));
              answer.accept(workers.values().stream().collect(groupingBy(Worker::cluster)));
            });
    if (again) {
      reads.bind("horizon", before.horizon);
    }
  }

  /** All are read when one is missing or too many. */
  private static Map<WorkerId, Worker> learned(
      Handle handle, Now now, Known before, List<Worker> read) {
    // In the order in which they were read at first, which is that of their names or near to it.
    Map<WorkerId, Worker> workers = new LinkedHashMap<>(before.workers);
    workers.putAll(byId(read));
    return workers.size() == now.workers
        ? workers
        : byId(handle.createQuery(ALL).map((row, c) -> Rows.worker(row)).list());
  }

  private static Map<WorkerId, Worker> byId(List<Worker> read) {
    Map<WorkerId, Worker> workers = new LinkedHashMap<>();
    read.forEach(worker -> workers.put(worker.id(), worker));
    return workers;
  }

  static void askAll(Reads reads, Consumer<Map<ClusterId, List<Worker>>> answer) {
    reads.ask(
        ALL,
        (row, c) -> Rows.worker(row),
        read -> answer.accept(read.stream().collect(groupingBy(Worker::cluster))));
  }

  private static PGConnection server(Connection connection) {
    try {
      return connection.unwrap(PGConnection.class);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
