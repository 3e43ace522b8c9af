package dev.skep.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Placements in memory by JMH, a process for each shape, beside a plain scan of arrays. */
final class MemoryBench {
  /** Placements before the JIT is done; the first of them are the cold ones. */
  private static final int WARM_UP = 1_000_000;

  private static final int WARM_UP_ROUNDS = 100;

  private final Report report;
  private final int rounds;
  private final Map<String, Double> nanosEach = new LinkedHashMap<>();

  MemoryBench(Report report, int rounds) {
    this.report = report;
    this.rounds = rounds;
  }

  void run(List<Shape> shapes) throws RunnerException {
    report.say(
        "%n%-14s %8s %10s %13s %9s %8s %7s %9s %s",
        "in memory",
        "workers",
        "placements",
        "placements/s",
        "best ns",
        "cold ns",
        "bytes",
        "x SwarmKit",
        "must, goal");
    for (Shape shape : shapes) {
      print(shape, measure("PlacementBenchmark.place", shape));
    }
    flatness("one-off-100k", "one-off-1k", "must 2 x");
    flatness("full", "one-off-10k", "must 3 x");
    flatness("half", "one-off-10k", "must 3 x");
    report.say("%n%-34s %10s %12s", "once per pass", "workers", "median us");
    for (int workers : shapes.stream().mapToInt(Shape::workers).distinct().sorted().toArray()) {
      Shape empty = new Shape("", workers, 1, 1, Fleets.Variant.PLAIN, 0, 0, 0);
      List<Iteration> looks = warm(measure("PlacementBenchmark.look", empty));
      List<Iteration> scans = warm(measure("FloorBenchmark.scan", empty));
      report.say("%-34s %10d %12.0f", "the view of the fleet", workers, median(looks) / 1e3);
      report.say(
          "%-34s %10d %12.2f",
          "floor: exact scan, one placement",
          workers,
          median(scans) / 1e3 / FloorBenchmark.PLACEMENTS);
    }
  }

  /** One invocation: nanoseconds, and what else it took. */
  private record Iteration(double nanos, double bytes) {
    static Iteration of(IterationResult result) {
      return new Iteration(result.getPrimaryResult().getScore(), secondary(result, "bytes"));
    }

    private static double secondary(IterationResult result, String name) {
      var value = result.getSecondaryResults().get(name);
      return value == null ? Double.NaN : value.getScore();
    }
  }

  private List<Iteration> measure(String benchmark, Shape shape) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + benchmark.replace(".", "\\.") + "$")
            .param("workers", String.valueOf(shape.workers()))
            .param("services", String.valueOf(shape.services()))
            .param("replicas", String.valueOf(shape.replicas()))
            .param("variant", shape.variant().name())
            .forks(1)
            .jvmArgsAppend("-Xms3g", "-Xmx3g", "-XX:+UseSerialGC")
            .warmupIterations(0)
            .measurementIterations(warmUp(shape) + rounds)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true);
    List<Iteration> iterations = new ArrayList<>();
    Collection<RunResult> results = new Runner(options.build()).run();
    for (RunResult run : results) {
      for (BenchmarkResult fork : run.getBenchmarkResults()) {
        fork.getIterationResults().forEach(result -> iterations.add(Iteration.of(result)));
      }
    }
    return iterations;
  }

  private static int warmUp(Shape shape) {
    return Math.clamp(WARM_UP / shape.placements(), 1, WARM_UP_ROUNDS);
  }

  private List<Iteration> warm(List<Iteration> iterations) {
    return iterations.subList(iterations.size() - rounds, iterations.size());
  }

  private void print(Shape shape, List<Iteration> iterations) {
    int placements = shape.placements();
    List<Iteration> warm = warm(iterations);
    double nanos = median(warm) / placements;
    nanosEach.put(shape.name(), nanos);
    report.say(
        "%-14s %,8d %,10d %,13.0f %9.0f %8.0f %7.0f %s",
        shape.name(),
        shape.workers(),
        placements,
        1e9 / nanos,
        Samples.of(warm, Iteration::nanos).best() / placements,
        iterations.getFirst().nanos / placements,
        Samples.of(warm, Iteration::bytes).median() / placements,
        beside(shape, 1e9 / nanos));
  }

  private static String beside(Shape shape, double perSecond) {
    return shape.peer() == 0
        ? ""
        : String.format(
            java.util.Locale.ROOT,
            "%,9.0f %,d, %,d",
            perSecond / shape.peer(),
            shape.must(),
            shape.goal());
  }

  private void flatness(String hard, String easy, String must) {
    Double one = nanosEach.get(hard);
    Double other = nanosEach.get(easy);
    if (one != null && other != null) {
      report.say("%-34s %.2f x, %s", hard + " beside " + easy, one / other, must);
    }
  }

  private static double median(List<Iteration> iterations) {
    return Samples.of(iterations, Iteration::nanos).median();
  }
}
