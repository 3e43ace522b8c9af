package dev.skep.bench;

import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.schedule.Decision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * What a scheduler in memory does with a decision: the placement becomes part of a versioned state,
 * and somebody who watches is told of each one.
 */
final class PlacedState implements AutoCloseable {
  private static final int QUEUE = 1 << 16;
  private static final int BATCH = 256;
  private static final int LOOK_EVERY_NANOS = 20_000;

  private final Map<Integer, List<Event>> byService = new HashMap<>();
  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(QUEUE);
  private final Thread subscriber = Thread.ofPlatform().name("subscriber").unstarted(this::watch);
  private long version;
  private long received;
  private boolean inOrder = true;

  /** One replica that has a worker now. */
  record Event(long version, int service, WorkerId worker) {}

  PlacedState() {
    subscriber.start();
  }

  void apply(int service, Decision decision) {
    List<Event> placed = byService.computeIfAbsent(service, s -> new ArrayList<>(1));
    decision
        .added()
        .forEach(
            (worker, n) -> {
              for (int i = 0; i < n; i++) {
                Event event = new Event(++version, service, worker);
                placed.add(event);
                publish(event);
              }
            });
  }

  private void publish(Event event) {
    try {
      events.put(event);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Looks again by itself, so that who publishes need not wake it. */
  private void watch() {
    List<Event> batch = new ArrayList<>(BATCH);
    while (true) {
      if (events.drainTo(batch, BATCH) == 0) {
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
      for (Event event : batch) {
        if (event.version() < 0) {
          return;
        }
        inOrder &= event.version() == ++received;
      }
      batch.clear();
    }
  }

  /** Waits until the subscriber has seen everything. */
  @Override
  public void close() {
    publish(new Event(-1, -1, Fleets.id(0)));
    try {
      subscriber.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  long events() {
    return version;
  }

  /** What was placed; every event must have arrived, once and in order. */
  Stream<Event> checked() {
    if (!inOrder || received != version) {
      throw new IllegalStateException(received + " of " + version + " events arrived in order");
    }
    return byService.values().stream().flatMap(List::stream);
  }
}
