package dev.skep.agent.task;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads out of Swarm's tasks what keeps a placement from running. */
public final class TaskTrouble {
  private static final Duration NEW_LIMIT = Duration.ofMinutes(1);
  private static final Duration PENDING_LIMIT = Duration.ofMinutes(2);

  /** The engine's words for it, in lower case, and ours. */
  private record Sign(String words, String code) {}

  private static final List<Sign> SIGNS =
      List.of(
          new Sign("no such image", "image_missing"),
          new Sign("manifest unknown", "image_missing"),
          new Sign("pull access denied", "image_missing"),
          new Sign("host-mode port already in use", "port_in_use"),
          new Sign("port is already allocated", "port_in_use"),
          new Sign("address already in use", "port_in_use"),
          new Sign("insufficient resources", "insufficient_resources"),
          new Sign("no available ip", "network_exhausted"),
          new Sign("could not find an available ip", "network_exhausted"),
          new Sign("no suitable node", "no_suitable_node"),
          new Sign("no space left on device", "disk_full"),
          new Sign("unhealthy", "unhealthy"),
          new Sign("non-zero exit", "exited"));

  private TaskTrouble() {}

  /** A stable word and the engine's sentence. */
  public record Trouble(String code, String message) {}

  /** The trouble of the newest task that has one, when not all wanted replicas run. */
  public static Optional<Trouble> of(Collection<Observed.Task> tasks, long replicas, Instant now) {
    long running =
        tasks.stream().filter(t -> t.desiredRunning() && t.state().equals("running")).count();
    if (running >= replicas) {
      return Optional.empty();
    }
    return tasks.stream()
        .sorted((a, b) -> b.since().compareTo(a.since()))
        .flatMap(t -> of(t, now).stream())
        .findFirst();
  }

  private static Optional<Trouble> of(Observed.Task task, Instant now) {
    var age = Duration.between(task.since(), now);
    if (task.state().equals("new") && age.compareTo(NEW_LIMIT) > 0) {
      return Optional.of(
          new Trouble("network_exhausted", "Swarm found no address for the replica in 60 s"));
    }
    if (task.message().isEmpty()) {
      return task.state().equals("pending") && age.compareTo(PENDING_LIMIT) > 0
          ? Optional.of(new Trouble("no_suitable_node", "Swarm found no place for 120 s"))
          : Optional.empty();
    }
    String lower = task.message().toLowerCase(Locale.ROOT);
    return SIGNS.stream()
        .filter(s -> lower.contains(s.words()))
        .findFirst()
        .map(s -> new Trouble(s.code(), task.message()))
        .or(() -> Optional.of(new Trouble("task_failed", task.message())));
  }
}
