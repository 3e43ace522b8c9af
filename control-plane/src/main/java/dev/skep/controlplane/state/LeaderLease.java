package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who runs the loops: a row with an epoch that only grows. Time is the database's. A leader that
 * was frozen and comes back finds its epoch outdated inside the transaction of its next write.
 */
public final class LeaderLease implements AutoCloseable {
  public static final Duration TTL = Duration.ofSeconds(9);

  private static final Logger log = LoggerFactory.getLogger(LeaderLease.class);
  private static final String NAME = "leader";
  private static final String ACQUIRE =
      """
      insert into leases as l (name, holder, epoch, expires_at)
      values (:name, :holder, 1, clock_timestamp() + :ttl * interval '1 millisecond')
      on conflict (name) do update set
        epoch = case when l.holder = :holder and l.expires_at > clock_timestamp() then l.epoch else l.epoch + 1 end,
        holder = :holder,
        expires_at = clock_timestamp() + :ttl * interval '1 millisecond'
      where l.holder = :holder or l.expires_at < clock_timestamp()
      returning epoch
      """;

  private final Database database;
  private final UUID holder = UUID.randomUUID();
  private final Thread thread;
  private volatile long epoch;
  private volatile boolean closed;

  public LeaderLease(Database database) {
    this.database = database;
    this.thread = Thread.ofPlatform().name("leader-lease").daemon().unstarted(this::run);
  }

  public void start() {
    renew();
    thread.start();
  }

  /** The epoch in which this process leads; 0 when it does not. */
  public long epoch() {
    return epoch;
  }

  /**
   * Must be the first statement of every transaction that a leader writes.
   *
   * @throws LeadershipLost when another process leads by now
   */
  public void fence(Handle handle) {
    boolean holds =
        handle
            .createQuery(
                "select true from leases where name = :name and holder = :holder and epoch = :epoch"
                    + " and expires_at > clock_timestamp() for share")
            .bind("name", NAME)
            .bind("holder", holder)
            .bind("epoch", epoch)
            .mapTo(Boolean.class)
            .findOne()
            .orElse(false);
    if (!holds) {
      throw new LeadershipLost();
    }
  }

  /** Another process leads; what was planned is void. */
  public static final class LeadershipLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(TTL.dividedBy(3));
        renew();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void renew() {
    try {
      Optional<Long> held =
          database.inTransaction(
              h ->
                  h.createQuery(ACQUIRE)
                      .bind("name", NAME)
                      .bind("holder", holder)
                      .bind("ttl", TTL.toMillis())
                      .mapTo(Long.class)
                      .findOne());
      become(held.orElse(0L));
    } catch (RuntimeException e) {
      // Stays leader in its own eyes; every write is fenced by the row, so this can do no harm.
      log.warn("cannot renew the leader lease: {}", e.getMessage());
    }
  }

  private void become(long newEpoch) {
    if (newEpoch != epoch) {
      log.info(newEpoch == 0 ? "another control plane leads" : "leading in epoch {}", newEpoch);
    }
    epoch = newEpoch;
  }

  /** Lets another process take over at once; the row stays, so that the epoch keeps growing. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    if (epoch == 0) {
      return;
    }
    try {
      database.useTransaction(
          h ->
              h.createUpdate(
                      "update leases set expires_at = clock_timestamp() where name = :name and holder = :holder")
                  .bind("name", NAME)
                  .bind("holder", holder)
                  .execute());
    } catch (RuntimeException e) {
      log.warn("cannot give up the leader lease, it ends by itself: {}", e.getMessage());
    }
  }
}
