package dev.skep.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a deploy through the platform takes beside one that asks the engine directly. */
@Command(
    name = "deploy",
    description = "Creates services through the API and on the bare engine, in turns.",
    mixinStandardHelpOptions = true)
final class DeployCommand implements Callable<Integer> {
  private static final Duration API_EVERY = Duration.ofMillis(20);

  @Option(names = "--pairs", defaultValue = "20", description = "default: ${DEFAULT-VALUE}")
  private int pairs;

  @Option(names = "--warm-up", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int warmUp;

  @Option(names = "--burst", defaultValue = "30", description = "default: ${DEFAULT-VALUE}")
  private int burst;

  @Option(names = "--rounds", defaultValue = "3", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--warm-seconds",
      defaultValue = "10",
      description = "creations that no worker takes, before the pairs (default: 10)")
  private int warmSeconds;

  private final Report report = new Report();

  @Override
  public Integer call() {
    var checkout = Checkout.find();
    Surroundings.print(report, checkout);
    try (var platform = new Platform(checkout, "deploy")) {
      var log = platform.directory().resolve("agent.log");
      var agent =
          platform.opened(
              platform
                  .home()
                  .start(AgentProcess.command(checkout), Map.of("MALLOC_ARENA_MAX", "1"), log));
      platform.api().awaitWorker();
      report.say("engine    %s", platform.engine().get("/version").path("Version").asText());
      measure(platform, agent);
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void measure(Platform platform, AgentProcess agent) {
    platform.api().create("model", platform.sleeper());
    platform.api().awaitRunning("model", API_EVERY);
    var model = platform.engine().get("/services").path(0);
    var watch = new TaskWatch(platform.engine(), model.path("ID").asText());
    var bench = new DeployBench(platform, watch, agent);
    var raw = new RawSide(platform.engine(), agent, model);
    var ours = new OurSide(platform.api(), agent, platform.sleeper());
    warm(platform);
    singles(bench, raw, ours);
    bursts(bench, raw, ours);
    agent.thaw();
  }

  /** Nothing is placed here, so that only the control plane works: two JIT states, as promised. */
  private void warm(Platform platform) {
    long end = System.nanoTime() + Duration.ofSeconds(warmSeconds).toNanos();
    var nowhere = platform.sleeper().toBuilder().putWorkerLabels("bench", "nowhere").build();
    for (int i = 0; System.nanoTime() < end; i++) {
      platform.api().create("warm-" + i, nowhere);
      platform.api().delete("warm-" + i);
    }
    platform.api().awaitCount(1);
  }

  private void singles(DeployBench bench, RawSide raw, OurSide ours) {
    var baseline = new ArrayList<DeployBench.Single>();
    var product = new ArrayList<Milestones>();
    for (int i = 0; i < warmUp + pairs; i++) {
      var single = bench.raw(raw);
      var milestones = bench.ours(ours);
      if (i >= warmUp) {
        baseline.add(single);
        product.add(milestones);
      }
    }
    print(baseline, product);
    breakdown(product);
  }

  private void print(List<DeployBench.Single> baseline, List<Milestones> product) {
    var rawAnswered = Samples.of(baseline, DeployBench.Single::answered);
    var rawRunning = Samples.of(baseline, DeployBench.Single::running);
    var answered = Samples.of(product, Milestones::answered);
    var running = Samples.of(product, Milestones::seen);
    report.head("one service, ms (" + baseline.size() + " pairs)");
    report.row("raw: answered", rawAnswered);
    report.row("raw: running", rawRunning);
    report.row("ours: answered, durable", answered);
    report.row("ours: running", running);
    report.row("ours: the API says running", Samples.of(product, Milestones::apiRunning));
    report.row("  after running", Samples.of(product, m -> m.apiRunning() - m.seen()));
    report.ratio("accepted", answered, rawAnswered);
    report.ratio("running", running, rawRunning);
  }

  private void breakdown(List<Milestones> product) {
    report.head("ours, ms after the call");
    Map<String, ToDoubleFunction<Milestones>> steps = new LinkedHashMap<>();
    steps.put("answered", Milestones::answered);
    steps.put("planned by the leader", Milestones::planned);
    steps.put("durable at the agent, which begins", Milestones::received);
    steps.put("Swarm has the service", Milestones::created);
    steps.put("Swarm says running", Milestones::running);
    steps.put("seen by the poller", Milestones::seen);
    steps.put("the API says running", Milestones::apiRunning);
    steps.forEach((name, value) -> report.row(name, Samples.of(product, value)));
    report.row("Swarm alone", Samples.of(product, m -> m.running() - m.created()));
  }

  private void bursts(DeployBench bench, RawSide raw, OurSide ours) {
    if (rounds == 0) {
      return;
    }
    var baseline = new ArrayList<DeployBench.Burst>();
    var product = new ArrayList<DeployBench.Burst>();
    for (int i = 0; i < rounds; i++) {
      baseline.add(bench.burst(raw, burst));
      product.add(bench.burst(ours, burst));
    }
    var rawRunning = Samples.of(baseline, DeployBench.Burst::running);
    var running = Samples.of(product, DeployBench.Burst::running);
    report.head("%d at once, ms (%d rounds)".formatted(burst, rounds));
    report.row("raw: all answered", Samples.of(baseline, DeployBench.Burst::answered));
    report.row("raw: all running", rawRunning);
    report.row("ours: all answered", Samples.of(product, DeployBench.Burst::answered));
    report.row("ours: all running", running);
    report.ratio("all running", running, rawRunning);
  }
}
