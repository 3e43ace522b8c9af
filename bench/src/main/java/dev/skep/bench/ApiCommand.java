package dev.skep.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** REST under load, with many services in the table. */
@Command(
    name = "api",
    description = "Requests per second and the time of an answer over REST, measured by wrk.",
    mixinStandardHelpOptions = true)
final class ApiCommand implements Callable<Integer> {
  private static final int WORKERS = 100;

  @Option(names = "--services", defaultValue = "100000", description = "default: ${DEFAULT-VALUE}")
  private int services;

  @Option(names = "--connections", defaultValue = "64", description = "default: ${DEFAULT-VALUE}")
  private int connections;

  @Option(names = "--seconds", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "10",
      description = "Seconds until code is compiled and caches are filled; default: 10")
  private int warmUp;

  @Option(names = "--rounds", defaultValue = "2", description = "default: ${DEFAULT-VALUE}")
  private int rounds;

  private final Report report = new Report();

  @Override
  public Integer call() {
    Checkout checkout = Checkout.find();
    Surroundings.print(report, checkout);
    Path directory = checkout.runDirectory("api");
    fill(directory);
    try (var controlPlane = ControlPlaneProcess.alone(checkout, directory)) {
      return measure(controlPlane);
    }
  }

  /**
   * The services have run for a while on ten workers. Nobody plans while answers are measured: that
   * has its own benchmarks.
   */
  private void fill(Path directory) {
    long start = System.nanoTime();
    try (var database = new BenchDatabase(ControlPlaneProcess.dataIn(directory))) {
      database.workers(WORKERS);
      database.services(services, 1);
      database.settleOnATenth();
      database.ledByAnother();
      database.tidy();
    }
    report.say(
        "%,d services written before the start, in %.1f s",
        services, (System.nanoTime() - start) / 1e9);
  }

  private int measure(ControlPlaneProcess controlPlane) {
    RestReads reads = new RestReads(controlPlane.port(), controlPlane.token(), services);
    reads.check();
    List<String> paths = reads.paths();
    paths.forEach(path -> wrk(controlPlane, path, warmUp));
    report.head("one caller, ms in the server");
    paths.forEach(path -> report.row(shown(path), reads.serverTimes(path)));
    report.say(
        "%n%-38s %9s %9s %9s %9s %9s",
        connections + " connections, ms", "median", "p90", "p99", "answers/s", "wrong");
    long wrong = 0;
    for (int round = 0; round < rounds; round++) {
      for (String path : paths) {
        wrong += row(path, wrk(controlPlane, path, seconds));
      }
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return wrong == 0 ? 0 : 1;
  }

  private Wrk.Took wrk(ControlPlaneProcess controlPlane, String path, int time) {
    String url = "http://127.0.0.1:" + controlPlane.port() + path;
    return new Wrk(url, controlPlane.token(), connections, time).run();
  }

  private long row(String path, Wrk.Took took) {
    report.say(
        "%-38s %9.2f %9.2f %9.2f %9.0f %9d",
        shown(path), took.half(), took.ninety(), took.ninetyNine(), took.perSecond(), took.wrong());
    return took.wrong();
  }

  private static String shown(String path) {
    return path.replaceFirst("/api/containers", "…");
  }
}
