package dev.skep.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How long a user waits for a table. */
@Command(
    name = "cli-start",
    description = "Runs './skep services ls' against a control plane, again and again.",
    mixinStandardHelpOptions = true)
final class CliStartCommand implements Callable<Integer> {
  @Option(names = "--runs", defaultValue = "20", description = "default: ${DEFAULT-VALUE}")
  private int runs;

  private final Report report = new Report();

  @Override
  public Integer call() {
    var checkout = Checkout.find();
    Surroundings.print(report, checkout);
    try (var platform = new Platform(checkout, "cli-start")) {
      var agentLog = platform.directory().resolve("agent.log");
      platform.opened(platform.home().start(AgentProcess.command(checkout), Map.of(), agentLog));
      platform.api().awaitWorker();
      IntStream.range(0, 5).forEach(i -> platform.api().create("web-" + i, platform.sleeper()));
      measure(checkout, platform);
    }
    report.say("%nload at the end  %s", Surroundings.load());
    return 0;
  }

  private void measure(Checkout checkout, Platform platform) {
    var plane = platform.controlPlane();
    var environment =
        Map.of(
            "SKEP_SERVER",
            "http://127.0.0.1:" + plane.port(),
            "SKEP_TOKEN_FILE",
            plane.tokenFile().toString());
    var output = platform.directory().resolve("table.txt");
    var script = List.of(checkout.root().resolve("skep").toString(), "services", "ls");
    report.head("a table, ms (" + runs + " runs)");
    report.row("./skep services ls", wallTimes(script, environment, output));
    var cache = checkout.root().resolve("cli/target/skep.aot");
    report.say("AOT cache of the CLI: %s", Files.exists(cache) ? "there" : "MISSING");
    report.row("its java alone", wallTimes(java(checkout, cache), environment, output));
  }

  private static List<String> java(Checkout checkout, Path cache) {
    // The same flags, and no others, as install/local/java.sh: the cache is bound to them.
    return List.of(
        Checkout.java(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Xss512k",
        "-Xmx256m",
        "-Xlog:disable",
        "-XX:AOTCache=" + cache,
        "-cp",
        checkout.classPath("cli"),
        "dev.skep.cli.Skep",
        "services",
        "ls");
  }

  private Samples wallTimes(List<String> command, Map<String, String> environment, Path output) {
    var times = new ArrayList<Double>();
    // The first one fills the page cache.
    for (int i = 0; i <= runs; i++) {
      double time = wallTime(command, environment, output);
      if (i > 0) {
        times.add(time);
      }
    }
    return Samples.of(times, Double::doubleValue);
  }

  private static double wallTime(
      List<String> command, Map<String, String> environment, Path output) {
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    try {
      long start = System.nanoTime();
      int code = builder.start().waitFor();
      double time = (System.nanoTime() - start) / 1e6;
      if (code != 0 || Files.readString(output).lines().count() != 6) {
        throw new IllegalStateException("no table of 5 services, the figures are void: " + output);
      }
      return time;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
