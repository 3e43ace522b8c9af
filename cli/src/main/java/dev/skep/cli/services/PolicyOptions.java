package dev.skep.cli.services;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Durations;
import dev.skep.v1.DataPromise;
import dev.skep.v1.MigrationPolicy;
import dev.skep.v1.PlacementStrategy;
import dev.skep.v1.ServiceSpec;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the system treats a service; a change of it makes no release. */
final class PolicyOptions {
  @Option(
      names = "--max-parallel",
      paramLabel = "N",
      description = "Replicas replaced at a time (a quarter).")
  @Nullable Integer maxParallel;

  @Option(
      names = "--monitor",
      paramLabel = "TIME",
      description = "A replica counts when it was healthy for so long.")
  @Nullable String monitor;

  @Option(
      names = "--rollout-deadline",
      paramLabel = "TIME",
      description = "A release has failed after so long without progress.")
  @Nullable String deadline;

  @Option(
      names = "--keep-failed",
      negatable = true,
      description = "Do not go back when a release fails.")
  @Nullable Boolean keepFailed;

  @Option(
      names = "--migration",
      paramLabel = "POLICY",
      description = "When a worker is lost: automatic, manual or none.")
  @Nullable String migration;

  @Option(
      names = "--data-promise",
      paramLabel = "PROMISE",
      description =
          "Data in volumes when a worker is drained or lost: kept, or may-be-lost to leave it.")
  @Nullable String dataPromise;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "Where replicas go: spread or binpack.")
  @Nullable String strategy;

  @Option(
      names = "--max-per-worker",
      paramLabel = "N",
      description = "Replicas on one worker (any number); 0 takes it back.")
  @Nullable Integer maxPerWorker;

  void applyTo(ServiceSpec.Builder spec, Set<String> touched) {
    applyRollout(spec, touched);
    if (migration != null) {
      spec.setMigration(
          word(MigrationPolicy.class, "MIGRATION_POLICY_", migration, "automatic, manual or none"));
      touched.add("migration");
    }
    if (dataPromise != null) {
      spec.setDataPromise(
          word(
              DataPromise.class,
              "DATA_PROMISE_",
              dataPromise.replace('-', '_'),
              "kept or may-be-lost"));
      touched.add("data_promise");
    }
    if (strategy != null) {
      spec.setStrategy(
          word(PlacementStrategy.class, "PLACEMENT_STRATEGY_", strategy, "spread or binpack"));
      touched.add("strategy");
    }
    if (maxPerWorker != null) {
      spec.setMaxPerWorker(maxPerWorker);
      touched.add("max_per_worker");
    }
  }

  private void applyRollout(ServiceSpec.Builder spec, Set<String> touched) {
    var rollout = spec.getRollout().toBuilder();
    if (maxParallel != null) {
      rollout.setMaxParallel(maxParallel);
    }
    if (monitor != null) {
      rollout.setMonitor(Durations.proto(monitor));
    }
    if (deadline != null) {
      rollout.setDeadline(Durations.proto(deadline));
    }
    if (keepFailed != null) {
      rollout.setKeepFailed(keepFailed);
    }
    if (!rollout.build().equals(spec.getRollout())) {
      spec.setRollout(rollout);
      touched.add("rollout");
    }
  }

  private static <E extends Enum<E>> E word(
      Class<E> type, String prefix, String text, String choice) {
    try {
      return Enum.valueOf(type, prefix + text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw CliException.usage("'" + text + "' is unknown", "use " + choice);
    }
  }
}
