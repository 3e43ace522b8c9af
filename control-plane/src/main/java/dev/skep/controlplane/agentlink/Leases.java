package dev.skep.controlplane.agentlink;

import static java.util.stream.Collectors.toSet;

import dev.skep.agent.v1.Heartbeat;
import dev.skep.agent.v1.VolumeLease;
import dev.skep.controlplane.kernel.WorkerId;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets workers run copies of services that may start elsewhere with empty volumes, for a while and
 * again and again.
 *
 * <p>What is written is never less than what an agent believes: the time before the agent hears of
 * it; a service only when the agent says that it has it on disk, and not after it was told to
 * forget it. So whoever reads the row knows until when a copy may run, although nobody hears of its
 * worker.
 */
final class Leases {
  /** To dial again, also another control plane. */
  private static final Duration SHORTEST = Duration.ofSeconds(15);

  /** Half of it for the stop signal and the kill. */
  private static final Duration SHORTEST_MARGIN = Duration.ofSeconds(20);

  private final WorkerStore store;
  private final Duration validFor;
  private final Duration margin;
  private final Map<WorkerId, Ask> asked = new ConcurrentHashMap<>();

  Leases(WorkerStore store, Duration heartbeatInterval) {
    this.store = store;
    // Two heartbeats may get lost, or be written late.
    this.validFor = longer(heartbeatInterval.multipliedBy(7).dividedBy(2), SHORTEST);
    // In a longer time clocks that do not run alike get further apart.
    this.margin = longer(heartbeatInterval, SHORTEST_MARGIN);
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** What was said in one session; only {@link #flush} looks into it. */
  static final class Talk {
    private final long epoch;
    private final Consumer<VolumeLease> agent;
    private long number;

    /** What no lease has taken away that the agent may not have heard of when it spoke. */
    private @Nullable Set<UUID> left;

    Talk(long epoch, Consumer<VolumeLease> agent) {
      this.epoch = epoch;
      this.agent = agent;
    }

    /** What the agent certainly still has when it hears of everything that was said. */
    private Set<UUID> certain(Ask ask) {
      if (ask.number == number) {
        left = null;
      }
      Set<UUID> held = new HashSet<>(ask.held);
      if (left != null) {
        held.retainAll(left);
      }
      return held;
    }

    private void grant(Ask ask, Set<UUID> services, Duration validFor) {
      if (left == null) {
        left = new HashSet<>(services);
      } else {
        left.retainAll(services);
      }
      agent.accept(
          VolumeLease.newBuilder()
              .setNumber(++number)
              .setHeartbeatSequence(ask.sequence)
              .setValidFor(
                  com.google.protobuf.Duration.newBuilder().setSeconds(validFor.toSeconds()))
              .addAllServiceIds(services.stream().map(UUID::toString).sorted().toList())
              .build());
    }
  }

  /**
   * A heartbeat.
   *
   * @param number of the lease that the agent took in last
   * @param held services of which it stops its copies by itself
   */
  private record Ask(Talk talk, long sequence, long number, Set<UUID> held) {}

  /** What an agent says in a heartbeat. */
  void ask(WorkerId worker, Talk talk, Heartbeat beat) {
    Set<UUID> held = beat.getLeasedServiceIdsList().stream().flatMap(Leases::uuid).collect(toSet());
    asked.put(worker, new Ask(talk, beat.getSequence(), beat.getLeaseNumber(), held));
  }

  /** An agent may say anything. */
  private static Stream<UUID> uuid(String text) {
    try {
      return Stream.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      return Stream.empty();
    }
  }

  /** Writes what is granted, then says it. */
  void flush() {
    Map<WorkerId, Ask> batch = new HashMap<>(asked);
    if (batch.isEmpty()) {
      return;
    }
    Map<WorkerId, WorkerStore.Holder> holders = new HashMap<>();
    batch.forEach(
        (worker, ask) ->
            holders.put(worker, new WorkerStore.Holder(ask.talk.epoch, ask.talk.certain(ask))));
    store
        .grant(holders, validFor.plus(margin))
        .forEach(
            (worker, services) -> {
              Ask ask = batch.get(worker);
              if (ask != null) {
                ask.talk.grant(ask, services, validFor);
              }
            });
    batch.forEach(asked::remove);
  }
}
