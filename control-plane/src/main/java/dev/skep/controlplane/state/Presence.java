package dev.skep.controlplane.state;

import dev.skep.controlplane.db.Database;
import dev.skep.controlplane.kernel.ClusterId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which control planes are there: each renews a row of its own. Who does not is gone for the
 * others; they delete its row and close the sessions that it held, by the database's clock. Who was
 * gone in this sense and comes back begins a new row and ends the sessions of the old one, so a row
 * and the sessions of a process always say the same.
 */
public final class Presence implements AutoCloseable {
  /** Silence after which a control plane is gone. */
  public static final Duration TTL = Duration.ofSeconds(8);

  /** Silence after which it lets its agents go by itself: shorter, so that it comes first. */
  static final Duration PATIENCE = Duration.ofSeconds(6);

  private static final Logger log = LoggerFactory.getLogger(Presence.class);

  /** Another one that was there so lately may be back, or just be restarted. */
  private static final Duration LATELY = Duration.ofMinutes(10);

  private static final Duration EVERY = Duration.ofSeconds(2);
  private static final Duration AFTER_FAILURE = Duration.ofMillis(500);
  private static final String APPEAR =
      """
      insert into control_planes (id, agent_endpoints, client_url, version)
      values (:id, :endpoints, :url, :version)
      """;
  private static final String GONE =
      """
      select id from control_planes where seen_at < clock_timestamp() - :ttl * interval '1 millisecond'
      for update skip locked
      """;
  private static final String CLOSE_SESSIONS =
      """
      with closed as (
        update container_workers set connected = false, connected_since = now(), control_plane_id = null
        where control_plane_id = any(:ids) and connected returning cluster_id)
      select distinct cluster_id from closed
      """;
  private static final String PRESENT =
      """
      select id, agent_endpoints from control_planes
      where seen_at > clock_timestamp() - :ttl * interval '1 millisecond' order by started_at, id
      """;

  private final Database database;
  private final Self self;
  private final Supplier<UUID> ids;
  private final LongSupplier nanos;
  private final List<Runnable> absenceListeners = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile UUID id;
  private volatile List<String> endpoints;
  private volatile boolean away;
  private long lastBeat;
  private long presentSince;
  private long lastCompany;

  /**
   * What the others and agents are told of this process.
   *
   * @param agentEndpoints host:port at which agents reach it
   * @param clientUrl URL at which people reach it
   */
  public record Self(List<String> agentEndpoints, String clientUrl, String version) {}

  private record Row(UUID id, List<String> endpoints) {}

  /** {@code database} must answer or fail within a few seconds. */
  public Presence(Database database, Self self, Supplier<UUID> ids) {
    this(database, self, ids, System::nanoTime);
  }

  Presence(Database database, Self self, Supplier<UUID> ids, LongSupplier nanos) {
    this.nanos = nanos;
    this.database = database;
    this.self = self;
    this.ids = ids;
    this.id = ids.get();
    this.endpoints = self.agentEndpoints();
    this.thread = Thread.ofPlatform().name("presence").daemon().unstarted(this::run);
  }

  /** {@code listener} hears that the sessions of this process do not count any more. */
  public void whenAbsent(Runnable listener) {
    absenceListeners.add(listener);
  }

  /** Appears, and stays until {@link #close}. */
  public void start() {
    beat();
    thread.start();
  }

  /** Sessions that are opened now belong to this row. */
  public UUID id() {
    return id;
  }

  /** Whether another control plane may have to serve agents because this one cannot. */
  public boolean away() {
    return away;
  }

  /** host:port of all that are there, for agents. */
  public List<String> endpoints() {
    return endpoints;
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(away || overdue() ? AFTER_FAILURE : EVERY);
        letGoIfOverdue();
        beat();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.warn("cannot tell the other control planes that this one is there: {}", e.getMessage());
        letGoIfOverdue();
      }
    }
  }

  /** Also after this process was frozen. */
  private boolean overdue() {
    return nanos.getAsLong() - lastBeat > PATIENCE.toNanos();
  }

  /** Alone there is nobody better to go to, and the database may only be restarting. */
  void letGoIfOverdue() {
    if (!away && overdue() && !alone()) {
      log.warn(
          "the database was not reached for {} s; agents are sent to the other control planes",
          PATIENCE.toSeconds());
      away = true;
      tellAbsence();
    }
  }

  private boolean alone() {
    return lastCompany == 0 || nanos.getAsLong() - lastCompany > LATELY.toNanos();
  }

  void beat() {
    long asked = nanos.getAsLong();
    if (presentSince == 0 || asked - lastBeat > TTL.toNanos()) {
      presentSince = asked;
    }
    // Who was away cannot tell who else was: after an outage of the database all rows are old.
    boolean judges = asked - presentSince > TTL.toNanos();
    UUID before = id;
    Meeting meeting = database.inTransaction(handle -> meet(handle, before, judges));
    lastBeat = asked;
    endpoints =
        meeting.present().stream().flatMap(row -> row.endpoints().stream()).distinct().toList();
    if (meeting.present().stream().anyMatch(row -> !row.id().equals(meeting.id()))) {
      lastCompany = asked;
    }
    if (!meeting.id().equals(before)) {
      log.warn("the other control planes had given this one up; its agents dial again");
      id = meeting.id();
      tellAbsence();
    }
    away = false;
  }

  private record Meeting(UUID id, List<Row> present) {}

  private Meeting meet(Handle handle, UUID before, boolean judges) {
    UUID now = renew(handle, before) ? before : appear(handle, before);
    if (judges) {
      bury(handle);
    }
    List<Row> present = handle.createQuery(PRESENT).bind("ttl", TTL.toMillis()).map(ROW).list();
    return new Meeting(now, present);
  }

  private static final RowMapper<Row> ROW =
      (row, c) ->
          new Row(
              Rows.uuid(row, "id"),
              Arrays.asList((String[]) row.getArray("agent_endpoints").getArray()));

  private static boolean renew(Handle handle, UUID id) {
    return handle
            .createUpdate("update control_planes set seen_at = clock_timestamp() where id = :id")
            .bind("id", id)
            .execute()
        > 0;
  }

  private UUID appear(Handle handle, UUID before) {
    UUID now = lastBeat == 0 ? before : ids.get();
    handle
        .createUpdate(APPEAR)
        .bind("id", now)
        .bind("endpoints", self.agentEndpoints().toArray(String[]::new))
        .bind("url", self.clientUrl())
        .bind("version", self.version())
        .execute();
    return now;
  }

  private static void bury(Handle handle) {
    UUID[] gone =
        handle.createQuery(GONE).bind("ttl", TTL.toMillis()).mapTo(UUID.class).list().stream()
            .sorted()
            .toArray(UUID[]::new);
    if (gone.length > 0) {
      log.warn("control planes {} are gone; their sessions are closed", Arrays.toString(gone));
      leave(handle, gone);
    }
  }

  private static void leave(Handle handle, UUID... gone) {
    handle.createQuery(CLOSE_SESSIONS).bind("ids", gone).mapTo(UUID.class).list().stream()
        .map(ClusterId::new)
        .forEach(cluster -> new Change(Change.Topic.CLUSTER, cluster.value()).announce(handle));
    handle
        .createUpdate("delete from control_planes where id = any(:ids)")
        .bind("ids", gone)
        .execute();
  }

  private void tellAbsence() {
    absenceListeners.forEach(Runnable::run);
  }

  /** Disappears, with the sessions that are still open. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      database.useTransaction(handle -> leave(handle, id));
    } catch (RuntimeException e) {
      log.warn("cannot take leave, the others will notice: {}", e.getMessage());
    }
  }
}
