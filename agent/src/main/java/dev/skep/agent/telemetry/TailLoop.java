package dev.skep.agent.telemetry;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all logs into the spool: one thread that visits the containers in turn, one window each, so
 * that none waits for another's flood.
 *
 * <p>It polls file sizes. Watching directories would wake it for every line that a busy container
 * writes, would need watches that a host may run out of, and would still need polling where they
 * overflow. A container that wrote within the last seconds is looked at every 10 ms, which is what
 * a line waits at most; a quiet one every 250 ms, which costs two system calls a look.
 */
final class TailLoop implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(TailLoop.class);
  private static final long ACTIVE_POLL = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long QUIET_POLL = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long QUIET_AFTER = TimeUnit.SECONDS.toNanos(3);
  private static final long ERROR_PAUSE = TimeUnit.SECONDS.toNanos(1);

  private final Spool spool;
  private final ShipQueue queue;
  private final LogLimits limits;
  private final DiskSpace disk;
  private final Runnable spooled;
  private final InstantSource time;
  private final Thread thread;
  private final LineAssembler.Shared shared;
  private final ReadWindow window = new ReadWindow();
  private final JsonLine line = new JsonLine();
  private final AtomicReference<@Nullable Collection<LogSource>> news = new AtomicReference<>();
  private final Map<String, Follower> followers = new LinkedHashMap<>();
  private final Map<String, ContainerTail> parked = new HashMap<>();
  private volatile boolean closed;

  private static final class Follower {
    final ContainerTail tail;
    final Pace pace;
    long due = System.nanoTime();
    long lastLine = System.nanoTime();

    Follower(ContainerTail tail, Pace pace) {
      this.tail = tail;
      this.pace = pace;
    }
  }

  TailLoop(ShipQueue queue, Spool spool, LogLimits limits, InstantSource time, Runnable spooled) {
    this.spool = spool;
    this.queue = queue;
    this.limits = limits;
    this.time = time;
    this.spooled = spooled;
    this.disk = new DiskSpace(spool.directory(), time);
    this.shared =
        new LineAssembler.Shared(
            spool, new LineBatch(limits), new AtomicInteger(LogLimits.PARTIAL_BYTES));
    this.thread = Thread.ofPlatform().daemon().name("log-tail").unstarted(this);
  }

  void start() {
    thread.start();
  }

  void sources(Collection<LogSource> current) {
    news.set(List.copyOf(current));
    wake();
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  void close() throws InterruptedException {
    closed = true;
    wake();
    thread.join();
  }

  @Override
  public void run() {
    while (!closed) {
      Collection<LogSource> current = news.getAndSet(null);
      if (current != null) {
        follow(current);
      }
      long wait = round();
      if (wait > 0 && !closed) {
        LockSupport.parkNanos(this, wait);
      }
    }
    followers.values().forEach(follower -> close(follower.tail));
  }

  /** Visits whoever is due; returns how long nobody is. */
  private long round() {
    long next = System.nanoTime() + QUIET_POLL;
    for (String id : List.copyOf(followers.keySet())) {
      Follower follower = followers.get(id);
      if (follower != null && follower.due - System.nanoTime() <= 0) {
        visit(id, follower);
      }
      if (follower != null && follower.due - next < 0) {
        next = follower.due;
      }
    }
    return next - System.nanoTime();
  }

  private void visit(String id, Follower follower) {
    try {
      if (!spool.hasRoom(id) || disk.isLow()) {
        follower.tail.holdBack();
        follower.due = System.nanoTime() + ACTIVE_POLL;
        return;
      }
      long taken = follower.pace.allows() ? follower.tail.visit() : 0;
      follower.pace.spend(taken);
      schedule(follower, taken);
      if (follower.tail.isFinished()) {
        leave(id, follower);
      }
    } catch (IOException | RuntimeException e) {
      startAgain(id, follower, e);
    }
  }

  private void schedule(Follower follower, long taken) {
    long now = System.nanoTime();
    if (taken > 0) {
      follower.lastLine = now;
      follower.due = now;
      spooled.run();
    } else {
      follower.due = now + (now - follower.lastLine < QUIET_AFTER ? ACTIVE_POLL : QUIET_POLL);
    }
  }

  /**
   * What is in memory may be ahead of the spool now, so it is dropped and read again from the
   * spooled position.
   */
  private void startAgain(String id, Follower follower, Exception cause) {
    log.warn("reading the log of {} again from its last spooled line", id, cause);
    shared.batch().clear();
    close(follower.tail);
    Follower fresh = new Follower(follower.tail.again(), follower.pace);
    fresh.due = System.nanoTime() + ERROR_PAUSE;
    followers.put(id, fresh);
  }

  private void follow(Collection<LogSource> current) {
    Set<String> ids = new HashSet<>();
    for (LogSource source : current) {
      ids.add(source.containerId());
      Follower known = followers.get(source.containerId());
      if (known != null) {
        known.tail.source(source);
      } else {
        parked.remove(source.containerId());
        followers.put(source.containerId(), follower(source));
      }
    }
    followers.forEach((id, follower) -> departUnless(ids.contains(id), follower));
    forgetRemoved();
  }

  private static void departUnless(boolean listed, Follower follower) {
    if (!listed) {
      follower.tail.depart();
      follower.due = System.nanoTime();
    }
  }

  private Follower follower(LogSource source) {
    ContainerTail tail = new ContainerTail(shared, window, line, source);
    return new Follower(tail, new Pace(limits.bytesPerSecond(), time));
  }

  private void leave(String id, Follower follower) {
    close(follower.tail);
    followers.remove(id);
    parked.put(id, follower.tail);
    forgetRemoved();
  }

  /**
   * Forgets positions of containers whose files are gone. As long as the files are there the
   * position is kept, even of an unlisted container: read again from the start, its lines would get
   * indexes that are taken.
   */
  private void forgetRemoved() {
    for (String id : List.copyOf(positionsWithoutFollower())) {
      ContainerTail tail = parked.get(id);
      if (tail == null || !filesExist(tail)) {
        parked.remove(id);
        spool.forget(id);
        queue.gone(id);
      }
    }
  }

  private List<String> positionsWithoutFollower() {
    List<String> ids = new ArrayList<>(parked.keySet());
    for (String id : spool.containers()) {
      if (!followers.containsKey(id) && !parked.containsKey(id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  private static boolean filesExist(ContainerTail tail) {
    try {
      return tail.filesExist();
    } catch (IOException e) {
      log.warn("cannot tell whether a log still exists, keeping its position", e);
      return true;
    }
  }

  private static void close(ContainerTail tail) {
    try {
      tail.close();
    } catch (IOException e) {
      log.warn("a log file did not close", e);
    }
  }
}
