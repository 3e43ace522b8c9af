package dev.skep.agent.task;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Wishes to start from. */
public final class Samples {
  public static final EngineFeatures OLD_ENGINE =
      new EngineFeatures(false, false, "/usr/lib/skep/probe");
  public static final EngineFeatures NEW_ENGINE =
      new EngineFeatures(true, true, "/usr/lib/skep/probe");

  private Samples() {}

  public static Workload workload() {
    return new Workload(
        "sha256:" + "a".repeat(64),
        List.of(),
        List.of(),
        Map.of("A", "1"),
        250,
        64L << 20,
        List.of(),
        Optional.empty(),
        Duration.ofSeconds(10),
        List.of(),
        List.of(),
        false);
  }

  public static Desired.Placement placement() {
    return placement(w -> w);
  }

  public static Desired.Placement placement(UnaryOperator<Workload> change) {
    return placement(1, 1, change.apply(workload()));
  }

  public static Desired.Placement placement(long generation, long replicas, Workload workload) {
    return new Desired.Placement(
        "placement/p1",
        generation,
        "p1",
        "o1",
        "s1",
        "api",
        "r1",
        "skep-s1-w1",
        "n1",
        replicas,
        "skep-o1",
        "dnsrr",
        0,
        false,
        0,
        workload);
  }

  public static Desired.Network network(long generation) {
    return new Desired.Network("network/n1", generation, "n1", "o1", "skep-o1", "10.88.0.0/24");
  }
}
