package dev.skep.bench;

import dev.skep.controlplane.state.LeaderLease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What happens, and when, after workers die. */
@Command(
    name = "failure",
    description = "The time from the loss of workers until that is known, and all runs again.",
    mixinStandardHelpOptions = true)
final class FailureCommand implements Callable<Integer> {
  private static final int SIMULATED = 21;
  private static final int MANY_WORKERS = 10_000;

  @Option(
      names = "--part",
      split = ",",
      defaultValue = "seen,plan,mass,lab",
      description =
          "seen: agent killed, cable cut; plan: a worker with many services, simulated agents;"
              + " mass: a tenth of 10,000 workers, leader alone; lab: containers run again;"
              + " default: all")
  private List<String> parts = List.of();

  @Option(names = "--rounds", defaultValue = "5", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--services",
      split = ",",
      defaultValue = "1,50",
      description =
          "of the lab's worker that dies; a core has room for 100; default: ${DEFAULT-VALUE}")
  private List<Integer> services = List.of();

  @Option(names = "--planned", defaultValue = "1000", description = "default: ${DEFAULT-VALUE}")
  private int planned;

  @Option(names = "--mass", defaultValue = "100000", description = "default: ${DEFAULT-VALUE}")
  private int mass;

  private final Report report = new Report();

  @Override
  public Integer call() {
    Checkout checkout = Checkout.find();
    Surroundings.print(report, checkout);
    if (parts.contains("seen")) {
      seen(checkout);
    }
    if (parts.contains("plan")) {
      plan(checkout);
    }
    if (parts.contains("mass")) {
      mass(checkout);
    }
    if (parts.contains("lab")) {
      lab(checkout);
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void seen(Checkout checkout) {
    try (var bench = new LabLossBench(checkout)) {
      report.head("the session is known to be gone, ms");
      report.row("agent killed with SIGKILL", times(bench::crash));
      report.row("cable cut", times(bench::silence));
    }
  }

  private Samples times(Supplier<Double> measured) {
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < rounds; i++) {
      all.add(measured.get());
    }
    return Samples.of(all, ms -> ms);
  }

  private void plan(Checkout checkout) {
    List<LostWorkerBench.Took> took = new ArrayList<>();
    try (var bench = new LostWorkerBench(checkout, "failure-plan", SIMULATED)) {
      for (int i = 0; i <= rounds; i++) {
        LostWorkerBench.Took one = bench.lose(planned);
        if (i == 0) {
          report.say(
              "%ncold: committed after %.1f ms, delivered after %.1f ms",
              one.committed(), one.delivered());
        } else {
          took.add(one);
        }
      }
    }
    report.head("a worker with %d services, ms".formatted(planned));
    report.row("connection gone -> known", Samples.of(took, LostWorkerBench.Took::gone));
    report.row("known -> committed", Samples.of(took, LostWorkerBench.Took::committed));
    report.row("known -> delivered", Samples.of(took, LostWorkerBench.Took::delivered));
  }

  private void mass(Checkout checkout) {
    try (var postgres = new BenchDatabase(checkout.runDirectory("failure-mass"));
        var lease = new LeaderLease(postgres.database())) {
      postgres.workers(MANY_WORKERS);
      lease.start();
      var bench = new MassLossBench(postgres, lease);
      report.say("%na tenth of %,d workers, leader and PostgreSQL alone", MANY_WORKERS);
      for (int count : List.of(Math.min(mass, 10_000), mass)) {
        MassLossBench.Took took = bench.lose(count);
        report.say(
            "%,9d services placed anew and committed after %.2f s, %,.0f/s",
            count, took.seconds(), count / took.seconds());
      }
    }
  }

  private void lab(Checkout checkout) {
    report.say(
        "%n%-34s %9s %9s %9s %9s", "power off, ms until", "gone", "down", "placed", "running");
    for (int count : services) {
      try (var bench = new LabLossBench(checkout)) {
        LabLossBench.Took took = bench.lose(count);
        report.say(
            "%-34s %9.0f %9.0f %9.0f %9.0f",
            count + " services", took.gone(), took.down(), took.placed(), took.running());
      }
    }
  }
}
