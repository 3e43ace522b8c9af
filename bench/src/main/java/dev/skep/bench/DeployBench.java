package dev.skep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

/** Takes the figures of deploys; every creation is removed without a trace before the next. */
final class DeployBench {
  private static final Duration API_EVERY = Duration.ofMillis(2);
  private static final Duration BURST_API_EVERY = Duration.ofMillis(25);

  private final Platform platform;
  private final TaskWatch watch;
  private final Milestones.Logs logs;
  private int number;

  /** One creation: milliseconds from the call. */
  record Single(double answered, double running) {}

  /** Many at once: milliseconds from the first call until the last is there. */
  record Burst(double answered, double running) {}

  DeployBench(Platform platform, TaskWatch watch, AgentProcess agent) {
    this.platform = platform;
    this.watch = watch;
    this.logs = new Milestones.Logs(platform.controlPlane().log(), agent.log());
  }

  Single raw(RawSide side) {
    side.prepare();
    var name = nextName(side);
    long start = System.nanoTime();
    side.create(name);
    double answered = millisSince(start);
    var tasks = watch.awaitRunning(1);
    double running = millisSince(start);
    TaskWatch.checkEachRanOnce(tasks, 1);
    clear(side, List.of(name));
    return new Single(answered, running);
  }

  Milestones ours(OurSide side) {
    side.prepare();
    var name = nextName(side);
    var called = Instant.now();
    long start = System.nanoTime();
    side.create(name);
    double answered = millisSince(start);
    var tasks = watch.awaitRunning(1);
    double seen = millisSince(start);
    platform.api().awaitRunning(name, API_EVERY);
    var own = new Milestones.Own(called, answered, seen, millisSince(start));
    TaskWatch.checkEachRanOnce(tasks, 1);
    var milestones = milestones(own, name, tasks.getFirst());
    clear(side, List.of(name));
    return milestones;
  }

  private Milestones milestones(Milestones.Own own, String name, JsonNode task) {
    var service = platform.engine().get("/services/" + task.path("ServiceID").asText());
    return Milestones.of(own, name, service, task, logs);
  }

  Burst burst(Side side, int count) {
    side.prepare();
    var names = IntStream.range(0, count).mapToObj(i -> nextName(side)).toList();
    long start = System.nanoTime();
    createAll(side, names);
    double answered = millisSince(start);
    var tasks = watch.awaitRunning(count);
    double running = millisSince(start);
    TaskWatch.checkEachRanOnce(tasks, count);
    if (side instanceof OurSide) {
      platform.api().awaitAllRunning(BURST_API_EVERY);
    }
    clear(side, names);
    return new Burst(answered, running);
  }

  private static void createAll(Side side, List<String> names) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = names.stream().map(n -> threads.submit(() -> side.create(n))).toList();
      for (var call : calls) {
        call.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("a service could not be created", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void clear(Side side, List<String> names) {
    names.forEach(side::remove);
    watch.awaitNone();
    if (side instanceof OurSide) {
      // The one that stays is the model of the other side.
      platform.api().awaitCount(1);
    }
  }

  private String nextName(Side side) {
    return side.title() + "-" + ++number;
  }

  private static double millisSince(long start) {
    return (System.nanoTime() - start) / 1e6;
  }
}
