package dev.skep.agent.report;

import dev.skep.agent.v1.ObjectStatus;
import dev.skep.agent.v1.StatusReport;
import dev.skep.agent.v1.SwarmState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane has not acknowledged yet: the latest status of each object, never a queue
 * of them, so its size is that of the plan.
 */
public final class StatusOutbox {
  private static final Duration RESEND = Duration.ofSeconds(10);

  private final Map<String, Entry> objects = new LinkedHashMap<>();
  private long sequence;
  private boolean complete = true;
  private @Nullable Entry swarm;

  /** One value and how far it got. */
  private static final class Entry {
    private final Object value;
    private long sentIn;
    private long sentAt;
    private boolean acked;

    Entry(Object value) {
      this.value = value;
    }

    boolean due(long now) {
      return !acked && (sentIn == 0 || now - sentAt > RESEND.toNanos());
    }

    void sent(long in, long now) {
      sentIn = in;
      sentAt = now;
    }

    void ack(long upTo) {
      acked |= sentIn != 0 && sentIn <= upTo;
    }
  }

  /** The latest status of an object; an equal one is not sent again. */
  public synchronized void put(ObjectStatus status) {
    var old = objects.get(status.getAssignmentId());
    if (old == null || !old.value.equals(status)) {
      objects.put(status.getAssignmentId(), new Entry(status));
      notifyAll();
    }
  }

  /** Nothing more is said of an object. */
  public synchronized void forget(String id) {
    objects.remove(id);
  }

  public synchronized void put(SwarmState state) {
    if (swarm == null || !swarm.value.equals(state)) {
      swarm = new Entry(state);
      notifyAll();
    }
  }

  /** The last known state of the Swarm, for the first message of a session. */
  public synchronized SwarmState swarm() {
    return swarm == null ? SwarmState.getDefaultInstance() : (SwarmState) swarm.value;
  }

  /** Everything goes out once more: the other side may be another control plane. */
  public synchronized void newSession() {
    complete = true;
    objects.replaceAll((id, e) -> new Entry(e.value));
    if (swarm != null) {
      swarm = new Entry(swarm.value);
    }
    notifyAll();
  }

  /** Waits until something is to be sent, at most that long. */
  public synchronized void await(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!due(System.nanoTime())) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return;
      }
      wait(millis);
    }
  }

  private boolean due(long now) {
    return complete
        || (swarm != null && swarm.due(now))
        || objects.values().stream().anyMatch(e -> e.due(now));
  }

  /** What is to be sent now. */
  public synchronized Optional<StatusReport> take(long now) {
    if (!due(now)) {
      return Optional.empty();
    }
    sequence++;
    var report = StatusReport.newBuilder().setSequence(sequence).setComplete(complete);
    for (var entry : objects.values()) {
      if (complete || entry.due(now)) {
        report.addObjects((ObjectStatus) entry.value);
        entry.sent(sequence, now);
      }
    }
    if (swarm != null && swarm.due(now)) {
      report.setSwarm((SwarmState) swarm.value);
      swarm.sent(sequence, now);
    }
    complete = false;
    return Optional.of(report.build());
  }

  /** The other side has stored this report and those before it. */
  public synchronized void acked(long upTo) {
    objects.values().forEach(e -> e.ack(upTo));
    objects.values().removeIf(e -> e.acked && removed((ObjectStatus) e.value));
    if (swarm != null) {
      swarm.ack(upTo);
    }
  }

  private static boolean removed(ObjectStatus status) {
    return status.getState() == ObjectStatus.State.STATE_REMOVED;
  }
}
