package dev.skep.bench;

import dev.skep.controlplane.fleet.Link;
import dev.skep.controlplane.fleet.SwarmNode;
import dev.skep.controlplane.fleet.Upkeep;
import dev.skep.controlplane.fleet.Worker;
import dev.skep.controlplane.fleet.WorkerFacts;
import dev.skep.controlplane.fleet.WorkerRole;
import dev.skep.controlplane.kernel.ClusterId;
import dev.skep.controlplane.kernel.Resources;
import dev.skep.controlplane.kernel.WorkerId;
import dev.skep.controlplane.workload.ServicePolicy.Strategy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Clusters of equal workers to place on. */
final class Fleets {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration TIMEOUT = Duration.ofMinutes(2);
  static final Resources EACH = new Resources(100, 64L << 20);
  static final Resources MACHINE = EACH.times(400);
  private static final int FULL_OF_TWENTY = 19;
  private static final int SIZES = 40;

  private Fleets() {}

  /** What makes placing harder. */
  enum Variant {
    /** Every worker takes every replica. */
    PLAIN(""),
    /** The constraint leaves a third of the workers. */
    THIRD("slot == 0"),
    /** The constraint leaves half of the workers. */
    HALF("parity == 0"),
    /** 95 % of the workers have no room. */
    FULL(""),
    /** Forty sizes, on as few workers as possible. */
    PACKED("");

    final String constraint;

    Variant(String constraint) {
      this.constraint = constraint;
    }

    boolean takes(int worker) {
      return switch (this) {
        case PLAIN, PACKED -> true;
        case THIRD -> worker % 3 == 0;
        case HALF -> worker % 2 == 0;
        case FULL -> worker % 20 >= FULL_OF_TWENTY;
      };
    }

    Resources size(int service) {
      return this == PACKED
          ? new Resources(EACH.cpuMillis() * (1 + scattered(service) % SIZES), EACH.memoryBytes())
          : EACH;
    }

    Strategy strategy() {
      return this == PACKED ? Strategy.BINPACK : Strategy.SPREAD;
    }

    /** The same number in every run, and no pattern in their order. */
    private static int scattered(int number) {
      return (int) ((number * 0x9E3779B97F4A7C15L) >>> 40);
    }
  }

  static WorkerId id(int worker) {
    return new WorkerId(new UUID(0, worker));
  }

  static List<Worker> workers(int count, Variant variant) {
    List<Worker> workers = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean full = variant == Variant.FULL && !variant.takes(i);
      workers.add(worker(i, full ? MACHINE : Resources.NONE));
    }
    return workers;
  }

  private static Worker worker(int number, Resources reserved) {
    return new Worker(
        id(number),
        new ClusterId(new UUID(0, 0)),
        "w%06d".formatted(number),
        Set.of(WorkerRole.RUN),
        Map.of("slot", String.valueOf(number % 3), "parity", String.valueOf(number % 2)),
        Set.of(),
        new WorkerFacts("", "", "linux", "", "amd64", MACHINE, 0, 0, "", "", "", true),
        new SwarmNode("n", "ready", "", false, true, NOW),
        new Link(true, NOW, NOW),
        Upkeep.NONE,
        Map.of(),
        reserved,
        0,
        NOW);
  }
}
