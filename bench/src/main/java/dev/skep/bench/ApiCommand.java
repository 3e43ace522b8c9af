package dev.skep.bench;

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
  private static final String SERVICES = "/api/containers/services";

  /** Code is compiled and caches are filled before anything counts. */
  private static final int WARM_UP_SECONDS = 10;

  private static final int WORKERS = 100;

  @Option(names = "--services", defaultValue = "100000", description = "default: ${DEFAULT-VALUE}")
  private int services;

  @Option(names = "--connections", defaultValue = "64", description = "default: ${DEFAULT-VALUE}")
  private int connections;

  @Option(names = "--seconds", defaultValue = "10", description = "default: ${DEFAULT-VALUE}")
  private int seconds;

  private final Report report = new Report();

  @Override
  public Integer call() {
    Checkout checkout = Checkout.find();
    Surroundings.print(report, checkout);
    try (var controlPlane = ControlPlaneProcess.alone(checkout, checkout.runDirectory("api"))) {
      fill(controlPlane);
      report.say("%n%,d services in the table", services);
      report.say("%-34s %5s %9s %9s %9s %9s", "", "conn.", "median ms", "p90", "p99", "answers/s");
      List<String> paths =
          List.of(
              SERVICES,
              SERVICES + "/s" + services / 2,
              SERVICES + "?namePrefix=s" + services / 2,
              SERVICES + "?fields=services.name");
      for (String path : paths) {
        new Wrk(url(controlPlane, path), controlPlane.token(), connections, WARM_UP_SECONDS).run();
        row(controlPlane, path, 1);
        row(controlPlane, path, connections);
      }
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void row(ControlPlaneProcess controlPlane, String path, int callers) {
    Wrk.Took took = new Wrk(url(controlPlane, path), controlPlane.token(), callers, seconds).run();
    report.say(
        "%-34s %5d %9.2f %9.2f %9.2f %9.0f",
        path.replaceFirst("/api/containers", "…"),
        callers,
        took.half(),
        took.ninety(),
        took.ninetyNine(),
        took.perSecond());
  }

  private static String url(ControlPlaneProcess controlPlane, String path) {
    return "http://127.0.0.1:" + controlPlane.port() + path;
  }

  /** The services have run for a while on ten workers, whose agents are away just now. */
  private void fill(ControlPlaneProcess controlPlane) {
    try (var database = new BenchDatabase(controlPlane)) {
      database.workers(WORKERS);
      database.services(services, 1);
      database.settleOnATenth();
    }
  }
}
