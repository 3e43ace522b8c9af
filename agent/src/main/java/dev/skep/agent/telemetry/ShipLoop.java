package dev.skep.agent.telemetry;

import dev.skep.agent.v1.AgentServiceGrpc;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the spool durable and sends it: one thread, one stream. A broken stream is opened again
 * after a pause that grows until something is acknowledged, and then repeats everything since the
 * last acknowledgement.
 */
final class ShipLoop implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(ShipLoop.class);

  /** Groups syncs; with the tail's polling this is what a lone line waits before it is sent. */
  private static final long SYNC_CONNECTED = TimeUnit.MILLISECONDS.toNanos(5);

  private static final long SYNC_DISCONNECTED = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SYNC_BYTES = 1 << 20;
  private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(10);

  private final Spool spool;
  private final ShipQueue queue;
  private final LogLimits limits;
  private final Thread thread;
  private volatile AgentServiceGrpc.@Nullable AgentServiceStub stub;
  private volatile boolean closed;
  private volatile boolean signalled;
  private AgentServiceGrpc.@Nullable AgentServiceStub streamStub;
  private @Nullable LogStream stream;
  private long pause = SHORTEST_PAUSE;
  private long openAt = System.nanoTime();
  private long lastSync = System.nanoTime();

  ShipLoop(Spool spool, ShipQueue queue, LogLimits limits) {
    this.spool = spool;
    this.queue = queue;
    this.limits = limits;
    this.thread = Thread.ofPlatform().daemon().name("log-ship").unstarted(this);
  }

  void start() {
    thread.start();
  }

  void connect(AgentServiceGrpc.@Nullable AgentServiceStub current) {
    stub = current;
    wake();
  }

  void wake() {
    signalled = true;
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
      signalled = false;
      long wait = LONGEST_PAUSE;
      try {
        wait = step();
      } catch (IOException | RuntimeException e) {
        log.error("cannot send logs, trying again", e);
        breakOff("failed");
        wait = pause;
      }
      if (!signalled && !closed && wait > 0) {
        LockSupport.parkNanos(this, wait);
      }
    }
    finish();
  }

  /**
   * Does what can be done now; returns how long nothing needs doing unless somebody wakes the
   * thread.
   */
  private long step() throws IOException {
    followConnection();
    takeAcknowledgements();
    long wait = syncWhenDue();
    LogStream current = stream;
    if (current == null) {
      return stub == null ? wait : Math.min(wait, Math.max(1, openAt - System.nanoTime()));
    }
    send(current);
    return wait;
  }

  private void followConnection() {
    var wanted = stub;
    LogStream current = stream;
    if (current != null && streamStub != wanted) {
      breakOff("the connection changed");
      openAt = System.nanoTime();
      pause = SHORTEST_PAUSE;
    } else if (current != null) {
      Status end = current.end();
      if (end != null) {
        log.info("log stream ended: {} {}", end.getCode(), end.getDescription());
        breakOff("ended");
      }
    }
    if (stream == null && wanted != null && System.nanoTime() - openAt >= 0) {
      queue.rewind();
      streamStub = wanted;
      stream = LogStream.open(wanted, this::wake);
    }
  }

  private void takeAcknowledgements() throws IOException {
    LogStream current = stream;
    if (current != null && queue.acknowledge(current.acked())) {
      pause = SHORTEST_PAUSE;
    }
  }

  private long syncWhenDue() throws IOException {
    long bytes = spool.unsynced();
    if (bytes == 0) {
      return LONGEST_PAUSE;
    }
    long every = stream == null ? SYNC_DISCONNECTED : SYNC_CONNECTED;
    long left = every - (System.nanoTime() - lastSync);
    if (left > 0 && bytes < SYNC_BYTES) {
      return left;
    }
    spool.sync();
    lastSync = System.nanoTime();
    return LONGEST_PAUSE;
  }

  private void send(LogStream current) throws IOException {
    while (!closed && current.isReady() && queue.inFlightBytes() < limits.inFlightBytes()) {
      SpoolRecord record = queue.next();
      if (record == null) {
        return;
      }
      current.send(record.batch());
    }
  }

  /**
   * Streams that end at once must not become a storm, and those of many workers must not come back
   * together.
   */
  private void breakOff(String why) {
    LogStream current = stream;
    if (current != null) {
      current.cancel(why);
    }
    stream = null;
    openAt = System.nanoTime() + pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2);
    pause = Math.min(2 * pause, LONGEST_PAUSE);
  }

  private void finish() {
    LogStream current = stream;
    if (current != null) {
      current.cancel("the agent stops");
    }
    try {
      spool.sync();
      queue.checkpoint();
    } catch (IOException e) {
      log.warn("the spool is left as after a crash", e);
    }
  }
}
