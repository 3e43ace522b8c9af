package dev.skep.bench;

import dev.skep.testbed.Await;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What an agent takes that has nothing to do. */
@Command(
    name = "agent-footprint",
    description = "Memory, CPU and start-up time of an idle agent, for each way to start it.",
    mixinStandardHelpOptions = true)
final class FootprintCommand implements Callable<Integer> {
  private static final Duration EVERY = Duration.ofMillis(100);
  private static final Duration TRAINING = Duration.ofSeconds(12);

  @Option(
      names = "--seconds",
      defaultValue = "60",
      description = "how long each agent is watched, after as long a rest (default: 60)")
  private int seconds;

  @Option(names = "--containers", defaultValue = "20", description = "default: 20")
  private int containers;

  @Option(names = "--starts", defaultValue = "7", description = "default: 7")
  private int starts;

  private final Report report = new Report();
  private int runs;

  @Override
  public Integer call() {
    var checkout = Checkout.find();
    Surroundings.print(report, checkout);
    try (var platform = new Platform(checkout, "agent-footprint")) {
      var variants = variants(checkout, platform);
      start(platform, variants);
      report.say(
          "%n%-38s %10s %9s %9s %9s %9s",
          "idle agent", "containers", "RSS MiB", "PSS MiB", "anon MiB", "CPU %");
      variants.forEach(variant -> measure(platform, variant, 0));
      deploy(checkout, platform);
      variants.forEach(variant -> measure(platform, variant, containers));
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private List<AgentVariant> variants(Checkout checkout, Platform platform) {
    var plain = AgentVariant.plainJdk(checkout);
    var archive = AgentVariant.unpack(checkout, platform.host().directory());
    var runtime = AgentVariant.runtime(archive);
    return List.of(
        plain,
        runtime,
        AgentVariant.packaged(archive),
        train(platform, plain),
        train(platform, runtime));
  }

  /** A real session is the best teacher. */
  private AgentVariant train(Platform platform, AgentVariant variant) {
    var cache = platform.host().directory().resolve("agent-" + ++runs + ".aot");
    try (var agent = start(platform, variant.training(cache))) {
      agent.awaitSession();
      pause(TRAINING);
    }
    Await.seconds(60)
        .every(EVERY)
        .until("there is a cache " + cache, () -> Files.exists(cache) && Files.size(cache) > 0);
    return variant.withCache(cache);
  }

  private void deploy(Checkout checkout, Platform platform) {
    try (var agent = start(platform, AgentVariant.plainJdk(checkout))) {
      agent.awaitSession();
      platform.api().awaitWorker();
      IntStream.range(0, containers)
          .forEach(i -> platform.api().create("idle-" + i, platform.sleeper()));
      platform.api().awaitAllRunning(EVERY);
    }
  }

  /** In turns, so that what else the machine does hits all of them. */
  private void start(Platform platform, List<AgentVariant> variants) {
    Map<AgentVariant, List<Double>> times = new LinkedHashMap<>();
    for (int i = 0; i < starts; i++) {
      for (var variant : variants) {
        try (var agent = start(platform, variant)) {
          times.computeIfAbsent(variant, v -> new ArrayList<>()).add(agent.awaitSession());
        }
      }
    }
    report.head("start to session, ms (" + starts + " each)");
    times.forEach(
        (variant, all) -> report.row(variant.title(), Samples.of(all, Double::doubleValue)));
  }

  private void measure(Platform platform, AgentVariant variant, int tasks) {
    try (var agent = start(platform, variant)) {
      agent.awaitSession();
      pause(Duration.ofSeconds(seconds));
      var taken = Footprint.of(agent.pid(), Duration.ofSeconds(seconds));
      report.say(
          "%-38s %10d %9.1f %9.1f %9.1f %9.2f",
          variant.title(),
          tasks,
          taken.rssMib(),
          taken.pssMib(),
          taken.anonMib(),
          taken.cpuShare() * 100);
    }
  }

  private AgentProcess start(Platform platform, AgentVariant variant) {
    var log = platform.directory().resolve("agent-" + ++runs + ".log");
    return platform.home().start(variant.command(), AgentVariant.ENVIRONMENT, log);
  }

  private static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
