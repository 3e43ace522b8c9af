package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.db.Reads;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who runs the loops: a row with an epoch that only grows. Time is the database's. A leader that
 * was frozen and comes back finds its epoch outdated inside the transaction of its next write.
 *
 * <p>A transaction that has passed the fence holds the row, so a takeover waits for its end; the
 * database ends one that does nothing for five seconds. With that, and with followers that look
 * every second, another control plane leads within ten seconds of whatever happened to the leader.
 */
public final class LeaderLease implements AutoCloseable {
  public static final Duration TTL = Duration.ofSeconds(6);

  private static final Logger log = LoggerFactory.getLogger(LeaderLease.class);
  private static final Duration RENEW_EVERY = Duration.ofSeconds(2);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
  private static final String NAME = "leader";

  /**
   * How long a leader's transaction may do nothing: it holds the row, and nobody takes it over from
   * a leader that is frozen or cut off in the middle before PostgreSQL has ended that.
   */
  private static final Duration MAX_IDLE = Duration.ofSeconds(2);

  /** An agent cannot have seen more leaders than this that the database has forgotten. */
  private static final long MAX_FORGOTTEN_EPOCHS = 1_000_000;

  /** Who finds that another leads does not touch the row, and so keeps no leader waiting. */
  private static final String ACQUIRE =
      """
      insert into leases as l (name, holder, epoch, expires_at)
      select :name, :holder, 1, clock_timestamp() + :ttl * interval '1 millisecond'
      where not exists (select 1 from leases o
                        where o.name = :name and o.holder <> :holder and o.expires_at >= clock_timestamp())
      on conflict (name) do update set
        epoch = case when l.holder = :holder and l.expires_at > clock_timestamp() then l.epoch else l.epoch + 1 end,
        holder = :holder,
        expires_at = clock_timestamp() + :ttl * interval '1 millisecond'
      where l.holder = :holder or l.expires_at < clock_timestamp()
      returning epoch
      """;

  private static final String FENCE =
      """
      select set_config('idle_in_transaction_session_timeout', :leaderIdle, true) is not null as holds
      from leases
      where name = :leader and holder = :leaderHolder and epoch = :leaderEpoch and expires_at > clock_timestamp()
      for share
      """;

  private static final String RAISE =
      """
      update leases set epoch = :next
      where name = :name and epoch < :seen and epoch + :most > :seen
      """;

  private final Database database;
  private final LongSupplier nanos;
  private final UUID holder = UUID.randomUUID();
  private final Thread thread;
  private volatile Term term = new Term(0, 0);
  private volatile boolean closed;

  /**
   * A time of leading.
   *
   * @param epoch 0 while another leads
   * @param asked when it was last renewed, on this process's own clock
   */
  private record Term(long epoch, long asked) {}

  /** {@code database} must answer or fail within a few seconds. */
  public LeaderLease(Database database) {
    this(database, System::nanoTime);
  }

  LeaderLease(Database database, LongSupplier nanos) {
    this.database = database;
    this.nanos = nanos;
    this.thread = Thread.ofPlatform().name("leader-lease").daemon().unstarted(this::run);
  }

  public void start() {
    renew();
    thread.start();
  }

  /** The epoch in which this process leads; 0 when it does not, or cannot know any more. */
  public long epoch() {
    Term now = term;
    return nanos.getAsLong() - now.asked < TTL.toNanos() ? now.epoch : 0;
  }

  /**
   * Must be the first statement of every transaction that a leader writes.
   *
   * @throws LeadershipLost when another process leads by now
   */
  public void fence(Handle handle) {
    Reads reads = new Reads(handle);
    fence(reads);
    reads.send();
  }

  /** The same with the first reads of such a transaction; before them. */
  public void fence(Reads reads) {
    reads
        .ask(FENCE, (row, c) -> row.getBoolean("holds"), LeaderLease::leads)
        .bind("leaderIdle", String.valueOf(MAX_IDLE.toMillis()))
        .bind("leader", NAME)
        .bind("leaderHolder", holder)
        .bind("leaderEpoch", term.epoch);
  }

  private static void leads(List<Boolean> held) {
    if (!held.contains(true)) {
      throw new LeadershipLost();
    }
  }

  /**
   * Goes past an epoch that an agent has seen: a database that was restored from a backup may have
   * forgotten it, and agents refuse what an older leader says.
   */
  public static void raiseAbove(Handle handle, long seen) {
    int raised =
        handle
            .createUpdate(RAISE)
            .bind("name", NAME)
            .bind("seen", seen)
            .bind("next", seen + 1)
            .bind("most", MAX_FORGOTTEN_EPOCHS)
            .execute();
    if (raised > 0) {
      log.warn("an agent has seen leader epoch {}, which the database forgot; going past it", seen);
    }
  }

  /** Another process leads; what was planned is void. */
  public static final class LeadershipLost extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(term.epoch == 0 || epoch() == 0 ? LOOK_EVERY : RENEW_EVERY);
        renew();
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  void renew() {
    long asked = nanos.getAsLong();
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
      become(held.orElse(0L), asked);
    } catch (RuntimeException e) {
      // Every write is fenced by the row, so what this process thinks can do no harm.
      log.warn("cannot renew the leader lease: {}", e.getMessage());
    }
  }

  private void become(long epoch, long asked) {
    if (epoch != term.epoch) {
      log.info(epoch == 0 ? "another control plane leads" : "leading in epoch {}", epoch);
    }
    term = new Term(epoch, asked);
  }

  /** Lets another process take over at once; the row stays, so that the epoch keeps growing. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    if (term.epoch == 0) {
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
