package dev.skep.controlplane.state;

import static java.util.stream.Collectors.groupingBy;

import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.WorkerId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
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

  private record Now(int workers, String horizon) {}

  Map<ClusterId, List<Worker>> read(Handle handle) {
    // Before the rows: a transaction that commits between the two statements is seen again.
    Now now =
        handle
            .createQuery(NOW)
            .map((row, c) -> new Now(row.getInt("workers"), row.getString("horizon")))
            .one();
    PGConnection server = server(handle.getConnection());
    Known before = last.get();
    // In the order in which they were read at first, which is that of their names or near to it.
    Map<WorkerId, Worker> workers = new LinkedHashMap<>();
    if (Objects.equals(before.server, server)) {
      workers.putAll(before.workers);
      put(workers, changed(handle, before.horizon));
    }
    if (workers.size() != now.workers) {
      workers.clear();
      put(workers, all(handle));
    }
    last.set(new Known(server, now.horizon, workers));
    return workers.values().stream().collect(groupingBy(Worker::cluster));
  }

  static Map<ClusterId, List<Worker>> readAll(Handle handle) {
    return all(handle).stream().collect(groupingBy(Worker::cluster));
  }

  private static List<Worker> all(Handle handle) {
    return handle.createQuery(ALL).map((row, c) -> Rows.worker(row)).list();
  }

  private static List<Worker> changed(Handle handle, String horizon) {
    return handle
        .createQuery(CHANGED)
        .bind("horizon", horizon)
        .map((row, c) -> Rows.worker(row))
        .list();
  }

  private static void put(Map<WorkerId, Worker> known, List<Worker> read) {
    read.forEach(worker -> known.put(worker.id(), worker));
  }

  private static PGConnection server(Connection connection) {
    try {
      return connection.unwrap(PGConnection.class);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
