package dev.skep.bench;

import dev.skep.controlplane.billing.HourClose;
import dev.skep.controlplane.state.LeaderLease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Hours of many services closed, beside bare SQL in the same database. */
@Command(
    name = "billing",
    description = "The time in which an hour of usage is charged, and bare SQL beside it.",
    mixinStandardHelpOptions = true)
final class BillingCommand implements Callable<Integer> {
  @Option(names = "--services", defaultValue = "1000000", description = "default: ${DEFAULT-VALUE}")
  private long services;

  @Option(names = "--wallets", defaultValue = "100000", description = "default: ${DEFAULT-VALUE}")
  private long wallets;

  @Option(names = "--rounds", defaultValue = "5", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--batch",
      description = "services in a transaction (" + HourClose.BATCH + ")",
      defaultValue = "" + HourClose.BATCH)
  private int batch;

  @Option(names = "--baselines", negatable = true, defaultValue = "true", fallbackValue = "true")
  private boolean baselines;

  @Option(
      names = "--api",
      description =
          "instead: answers of the API while a control plane closes so many hours, and afterwards")
  private int hours;

  private final Report report = new Report();

  @Override
  public Integer call() throws IOException {
    Checkout checkout = Checkout.find();
    Surroundings.print(report, checkout);
    if (hours > 0) {
      new ClosingCalls(checkout, report, services, wallets, hours).run();
    } else {
      closings();
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void closings() throws IOException {
    Path directory = Files.createTempDirectory("skep-bench-billing");
    try (BenchDatabase postgres = new BenchDatabase(directory);
        LeaderLease lease = new LeaderLease(postgres.database())) {
      lease.start();
      measure(new BillingBench(postgres, lease, services, wallets, batch));
    }
  }

  private void measure(BillingBench bench) {
    report.say("filling %,d services of %,d wallets", services, wallets);
    bench.fill();
    List<Double> ours = new ArrayList<>();
    List<Double> replay = new ArrayList<>();
    List<Double> naive = new ArrayList<>();
    List<Double> marked = new ArrayList<>();
    List<Double> intervals = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      ours.add(bench.ours());
      replay.add(bench.replay());
      if (baselines) {
        naive.add(bench.naive());
        marked.add(bench.marked());
        intervals.add(bench.intervals());
      }
      bench.nextHour();
    }
    report.head("an hour, milliseconds");
    row("closed by Skep", ours);
    row("the same again", replay);
    if (baselines) {
      row("bare: rows with a key, balances", naive);
      row("bare: marker, rows without a key", marked);
      row("bare: sums per wallet", intervals);
      report.ratio("Skep to rows with a key", samples(ours), samples(naive));
      report.ratio("Skep to marker and rows", samples(ours), samples(marked));
      report.ratio("Skep to sums per wallet", samples(ours), samples(intervals));
    }
  }

  private void row(String name, List<Double> seconds) {
    report.row(name, samples(seconds));
  }

  private static Samples samples(List<Double> seconds) {
    return Samples.of(seconds, s -> s * 1000);
  }
}
