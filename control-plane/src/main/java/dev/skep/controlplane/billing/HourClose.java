package dev.skep.controlplane.billing;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes hours that are over, in order, in batches of wallets: what was used becomes rows of
 * cycles, charges and balances, all in one transaction with how far it is. Whatever happens in
 * between, the next one goes on behind the last commit.
 */
public final class HourClose {
  /** Changes of an hour that is over are committed by then. */
  public static final Duration LAG = Duration.ofMinutes(2);

  /** Services in a transaction, about. */
  public static final int BATCH = 20_000;

  private static final Logger log = LoggerFactory.getLogger(HourClose.class);
  private static final UUID FIRST = new UUID(0, 0);
  private static final UUID LAST = new UUID(-1, -1);

  private static final String CURRENT =
      "select hour, charged, done_until, closed_at from billing_hours order by hour desc limit 1";

  private static final String LOCK =
      "select hour, charged, done_until, closed_at from billing_hours where hour = :hour for update";

  private static final String OPEN =
      "insert into billing_hours (hour, charged) values (:hour, :charged) on conflict do nothing";

  private static final String ADVANCE =
      """
      update billing_hours
      set done_until = :until, services = services + :services, wallets = wallets + :wallets,
          closed_at = case when :last then clock_timestamp() end
      where hour = :hour
      """;

  private final Database database;
  private final LeaderLease lease;
  private final boolean charging;
  private final int batch;

  /**
   * {@code charging}: whether hours that are opened now cost anything; {@code batch}: services in a
   * transaction, about.
   */
  public HourClose(Database database, LeaderLease lease, boolean charging, int batch) {
    this.database = database;
    this.lease = lease;
    this.charging = charging;
    this.batch = batch;
  }

  private record Hour(Instant start, boolean charged, @Nullable UUID doneUntil, boolean closed) {
    Instant end() {
      return start.plus(Duration.ofHours(1));
    }

    UUID from() {
      return doneUntil == null ? FIRST : doneUntil;
    }
  }

  /**
   * Closes what is over at a moment of PostgreSQL's time; returns how many hours.
   *
   * @throws LeaderLease.LeadershipLost when another process leads by now
   */
  public int closeDue(Instant now) {
    int closed = 0;
    while (true) {
      Optional<Hour> due =
          database.read(handle -> hour(handle, CURRENT, null)).flatMap(last -> due(last, now));
      if (due.isEmpty()) {
        return closed;
      }
      close(due.get());
      closed++;
    }
  }

  /** The hour to work on: the last one that was begun, or the next one. */
  private Optional<Hour> due(Hour last, Instant now) {
    if (!last.closed) {
      return Optional.of(last);
    }
    Hour next = new Hour(last.end(), charging, null, false);
    return next.end().plus(LAG).isAfter(now) ? Optional.empty() : Optional.of(open(next));
  }

  private Hour open(Hour next) {
    return fenced(
        handle -> {
          handle.execute("select make_cycles_partition(?)", Timestamp.from(next.start));
          handle
              .createUpdate(OPEN)
              .bind("hour", Timestamp.from(next.start))
              .bind("charged", next.charged)
              .execute();
          return hour(handle, LOCK, next.start).orElseThrow();
        });
  }

  private void close(Hour hour) {
    long started = System.nanoTime();
    while (!fenced(handle -> step(handle, hour.start))) {
      log.debug("hour {}: a batch is written", hour.start);
    }
    log.info(
        "hour {} is closed after {} ms{}",
        hour.start,
        (System.nanoTime() - started) / 1_000_000,
        hour.charged ? "" : ", nothing was charged");
  }

  /** One batch; true when it was the last one. */
  private boolean step(Handle handle, Instant start) {
    Hour hour = hour(handle, LOCK, start).orElseThrow();
    if (hour.closed) {
      return true;
    }
    Optional<UUID> full = HourBatch.end(handle, hour.from(), batch);
    HourBatch part =
        new HourBatch(hour.start, hour.end(), hour.charged, hour.from(), full.orElse(LAST));
    handle
        .createUpdate(ADVANCE)
        .bind("hour", Timestamp.from(start))
        .bind("until", part.until())
        .bind("services", part.writeCycles(handle))
        .bind("wallets", part.charge(handle))
        .bind("last", full.isEmpty())
        .execute();
    return full.isEmpty();
  }

  /** The lease is held at the end only: it cannot be renewed while it is. */
  private <T> T fenced(Function<Handle, T> work) {
    return database.inTransaction(
        handle -> {
          T result = work.apply(handle);
          lease.fence(handle);
          return result;
        });
  }

  private static Optional<Hour> hour(Handle handle, String sql, @Nullable Instant start) {
    var query = handle.createQuery(sql);
    if (start != null) {
      query.bind("hour", Timestamp.from(start));
    }
    return query.map((row, c) -> hour(row)).findOne();
  }

  private static Hour hour(ResultSet row) throws SQLException {
    return new Hour(
        row.getTimestamp("hour").toInstant(),
        row.getBoolean("charged"),
        row.getObject("done_until", UUID.class),
        row.getTimestamp("closed_at") != null);
  }
}
