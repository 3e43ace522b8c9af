package dev.skep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skep.testbed.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Says when Swarm runs what was asked for; the same eyes for both sides. */
final class TaskWatch {
  private static final Duration EVERY = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final EngineApi engine;
  private final String ignoredService;

  /**
   * @param ignoredService runs all the time and does not count
   */
  TaskWatch(EngineApi engine, String ignoredService) {
    this.engine = engine;
    this.ignoredService = ignoredService;
  }

  /** Waits until that many tasks run, and returns them. */
  List<JsonNode> awaitRunning(int count) {
    return Await.atMost(LIMIT)
        .every(EVERY)
        .until(count + " tasks run", this::tasks, tasks -> running(tasks) >= count);
  }

  /** Waits until both sides are gone without a trace. */
  void awaitNone() {
    Await.atMost(LIMIT)
        .every(Duration.ofMillis(50))
        .until(
            "no task and no service is left",
            () -> tasks().isEmpty() && engine.get("/services").size() == 1);
  }

  /**
   * Fails when a service ran twice or not at all; then the figures say nothing.
   *
   * @param tasks all that there are
   */
  static void checkEachRanOnce(List<JsonNode> tasks, int services) {
    long distinct = tasks.stream().map(t -> t.path("ServiceID").asText()).distinct().count();
    if (tasks.size() != services || distinct != services || running(tasks) != services) {
      throw new IllegalStateException(
          "%d services gave %d tasks of %d services, %d running; the measurement is void"
              .formatted(services, tasks.size(), distinct, running(tasks)));
    }
  }

  private List<JsonNode> tasks() {
    var found = new ArrayList<JsonNode>();
    for (var task : engine.get("/tasks")) {
      if (!task.path("ServiceID").asText().equals(ignoredService)) {
        found.add(task);
      }
    }
    return found;
  }

  private static long running(List<JsonNode> tasks) {
    return tasks.stream()
        .filter(task -> task.path("Status").path("State").asText().equals("running"))
        .count();
  }
}
