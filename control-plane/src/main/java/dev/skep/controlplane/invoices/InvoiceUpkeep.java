package dev.skep.controlplane.invoices;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.state.LeaderLease;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the leader does about invoices: it looks when another hour is closed, and when it starts.
 */
final class InvoiceUpkeep {
  private static final Logger log = LoggerFactory.getLogger(InvoiceUpkeep.class);

  private final Database database;
  private final LeaderLease lease;
  private final InvoiceRun invoices;

  /** Until when hours were closed when all that was due was made. */
  private final AtomicReference<Instant> done = new AtomicReference<>(Instant.MIN);

  InvoiceUpkeep(Database database, LeaderLease lease, String seller) {
    this.database = database;
    this.lease = lease;
    this.invoices = new InvoiceRun(database, lease, seller);
  }

  private record Times(Instant closed, Instant now) {}

  /** Does nothing where another control plane leads. */
  void run() {
    if (lease.epoch() == 0) {
      return;
    }
    Times times = times();
    if (!times.closed.isAfter(done.get())) {
      return;
    }
    try {
      int made = invoices.makeDue(times.closed, times.now);
      if (made > 0) {
        log.info("{} invoices are made", made);
      }
      done.set(times.closed);
    } catch (LeaderLease.LeadershipLost e) {
      log.info("another control plane leads; invoices are its business");
    }
  }

  private Times times() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "select hour + interval '1 hour' as closed, clock_timestamp() as now from billing_hours"
                        + " where closed_at is not null order by hour desc limit 1")
                .map(
                    (row, c) ->
                        new Times(
                            row.getTimestamp("closed").toInstant(),
                            row.getTimestamp("now").toInstant()))
                .one());
  }
}
